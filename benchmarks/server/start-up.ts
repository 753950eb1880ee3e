import type { Settings } from '../server.ts'
export async function startUp(_settings: Settings): Promise<readonly string[]> {
  return []
}
