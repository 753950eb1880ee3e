/** Regions that builds can name; a region is part of a build's Key. */
export interface Region {
  readonly code: string
  readonly displayName: string
  /** false: known, but cloud builds are refused */
  readonly enabled: boolean
}

export interface Regions {
  readonly default: string
  readonly all: readonly Region[]
}

export const defaultRegions: Regions = {
  default: 'us-west',
  all: [{ code: 'us-west', displayName: 'US West', enabled: true }],
}
