/* Where the kernel starts the program, and how it calls the kernel. */
#include "probe.h"

void probe(long *stack);

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call probe\n hlt\n");

long system_call(long number, const long *words) {
  long result;
  register long fourth __asm__("r10") = words[3];
  register long fifth __asm__("r8") = words[4];
  register long sixth __asm__("r9") = words[5];
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(words[0]), "S"(words[1]), "d"(words[2]), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n mov x29, #0\n mov x0, sp\n and sp, x0, #-16\n bl probe\n brk #0\n");

long system_call(long number, const long *words) {
  register long first __asm__("x0") = words[0];
  register long second __asm__("x1") = words[1];
  register long third __asm__("x2") = words[2];
  register long fourth __asm__("x3") = words[3];
  register long fifth __asm__("x4") = words[4];
  register long sixth __asm__("x5") = words[5];
  register long which __asm__("x8") = number;
  __asm__ volatile("svc #0"
                   : "+r"(first)
                   : "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth), "r"(which)
                   : "memory");
  return first;
}
#elif defined(__riscv) && __riscv_xlen == 64
__asm__(".globl _start\n_start:\n mv a0, sp\n andi sp, sp, -16\n call probe\n ebreak\n");

long system_call(long number, const long *words) {
  register long first __asm__("a0") = words[0];
  register long second __asm__("a1") = words[1];
  register long third __asm__("a2") = words[2];
  register long fourth __asm__("a3") = words[3];
  register long fifth __asm__("a4") = words[4];
  register long sixth __asm__("a5") = words[5];
  register long which __asm__("a7") = number;
  __asm__ volatile("ecall"
                   : "+r"(first)
                   : "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth), "r"(which)
                   : "memory");
  return first;
}
#else
#error "The probe knows how to call the kernel on x86-64, arm64 and riscv64."
#endif
