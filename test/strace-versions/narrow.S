/* An i386 program without libc: open, close, getuid32 (a name that only 32-bit programs have), getpid, exit. */
.globl _start
.section .rodata
path: .asciz "/etc/hostname"
.text
_start:
  movl $5, %eax
  movl $path, %ebx
  xorl %ecx, %ecx
  int $0x80
  movl %eax, %ebx
  movl $6, %eax
  int $0x80
  movl $199, %eax
  int $0x80
  movl $20, %eax
  int $0x80
  movl $1, %eax
  xorl %ebx, %ebx
  int $0x80
