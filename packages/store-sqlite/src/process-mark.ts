import { readFileSync } from 'node:fs'

/** Who writes: the process id, and where the system tells it (Linux) when the process was born, as ids are used again. */
export const ownMark: string = markOf(process.pid)

/** Whether the process that left a mark still runs. A mark with our id that is not ours is of an earlier life. */
export function isAlive(mark: string): boolean {
  const pid = Number.parseInt(mark, 10)
  if (!(pid > 0)) return false
  return runs(pid) && markOf(pid) === mark
}

function markOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // field 22, counted after the name, which may hold anything but a further ')'
    return `${pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return `${pid}-0`
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
