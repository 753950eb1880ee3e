import { files, plan, type FileMap } from '@kiln/core'

/** ms of this thread's own work for a plan, the best of five: of fewer, where one is below what is enough. */
export async function planTime(map: FileMap, enough: number): Promise<number> {
  let best = Infinity
  for (let round = 0; round < 5 && best >= enough; round++) {
    await using source = await files(map)
    const begun = process.threadCpuUsage()
    plan(source)
    const { user, system } = process.threadCpuUsage(begun)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}
