/**
 * Gives memory back at once, for who has it alone: what streams make is garbage that V8 collects tens of megabytes late,
 * since it counts it beside the heap. What looked into it is empty afterwards. No thread may be at work on it (zlib, the disk): it
 * would read what is not there any more, and that ends the process.
 */
export function letGo(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer && !memory.detached) memory.transfer(0)
}
