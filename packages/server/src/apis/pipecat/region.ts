import { shown } from '@kiln/core'
import type { Regions } from '../../regions.ts'
import { Refused } from '../../refusal.ts'

/** Throws `invalid_region` for one that is unknown or has no builds. */
export function checkedRegion({ all }: Regions, code: string): string {
  const found = all.find((region) => region.code === code)
  if (found?.enabled === true) return code
  const names = all.filter(({ enabled }) => enabled).map((region) => region.code)
  const why = found ? 'has no cloud builds' : 'is unknown'
  throw new Refused('invalid_region', `The region "${shown(code)}" ${why}; builds are made in ${names.join(', ') || 'none'}.`)
}
