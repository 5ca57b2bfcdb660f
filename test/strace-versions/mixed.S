/* An x86-64 program without libc that makes two calls through the gate of 32-bit programs, and the others as is usual. */
.globl _start
.section .rodata
path: .asciz "/etc/hostname"
.text
_start:
  movq $2, %rax
  movq $path, %rdi
  xorl %esi, %esi
  syscall
  movl $199, %eax
  int $0x80
  movl $20, %eax
  int $0x80
  movq $102, %rax
  syscall
  movq $60, %rax
  xorl %edi, %edi
  syscall
