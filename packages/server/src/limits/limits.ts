/** Every bound of the server. Bytes, ms and counts; docs/security.md names the reasons. */
export interface ServerLimits {
  /** bytes of a JSON body */
  readonly json: number
  /** bytes of JSON bodies and of fields of forms in memory at once, from their first byte to the answer */
  readonly jsonPerTenant: number
  readonly jsonInAll: number
  /** levels of a JSON body */
  readonly jsonDepth: number
  /** keys and values of a JSON body, all levels together */
  readonly jsonValues: number
  /** keys of a map of files */
  readonly files: number
  /** bytes of one file in a JSON body */
  readonly file: number
  /** bytes of an uploaded context */
  readonly upload: number
  /** fields of a form, and bytes of one; all together have four times as many */
  readonly fields: number
  readonly field: number
  /** ms that an upload URL is good for */
  readonly uploadMs: number
  /** upload URLs of a tenant that are open at once */
  readonly openUploads: number
  /** requests of a key in a minute that are not reads */
  readonly ratePerMinute: number
  /** log streams at once */
  readonly streamsPerKey: number
  readonly streams: number
  /** bytes a log stream may lag behind before it is closed (its reader can resume) */
  readonly streamBuffer: number
  /** bytes that must stay free where the data is, and the share of a small disk that is enough */
  readonly diskFloor: number
  readonly diskShare: number
  /** bytes of the slowest body: `bodyRate` in each `bodyRateMs` */
  readonly bodyRate: number
  readonly bodyRateMs: number
}

const [kib, mib, gib] = [2 ** 10, 2 ** 20, 2 ** 30]

export const defaultLimits: ServerLimits = {
  json: 25 * mib,
  jsonPerTenant: 128 * mib,
  jsonInAll: 256 * mib,
  jsonDepth: 32,
  jsonValues: 50_000,
  files: 5000,
  file: 10 * mib,
  upload: 500 * mib,
  fields: 100,
  field: mib,
  uploadMs: 15 * 60_000,
  openUploads: 1000,
  ratePerMinute: 600,
  streamsPerKey: 20,
  streams: 1000,
  streamBuffer: mib,
  diskFloor: 2 * gib,
  diskShare: 0.05,
  bodyRate: 64 * kib,
  bodyRateMs: 30_000,
}
