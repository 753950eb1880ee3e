import type { Settings } from '../server.ts'
export async function manyBuilds(_settings: Settings): Promise<readonly string[]> {
  return []
}
