import { BuildError, shown } from '@kiln/core'

/** `0.4s`, `12.3s`, `2m05s` */
export function seconds(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`
  return `${Math.floor(ms / 60_000)}m${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')}s`
}

/** `3s`, `5m`, `2h`, `4d`: how long ago */
export function age(ms: number): string {
  const scale = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
  ] as const
  const unit = scale.find(([size]) => ms >= size)
  return unit ? `${Math.floor(ms / unit[0])}${unit[1]}` : `${Math.max(0, Math.floor(ms / 1000))}s`
}

/** `512 B`, `1.4 MB` */
export function bytes(count: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = count < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3))
  return power === 0 ? `${count} B` : `${(count / 1000 ** power).toFixed(1)} ${names[power]}`
}

const sizes: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** ms of `90s`, `10m`, `12h`, `7d`, `1h30m`, or of plain seconds. Throws `invalid_argument`. */
export function duration(text: string, option: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(text))
    throw new BuildError('invalid_argument', `${option}: "${shown(text)}" is no duration.`, { hint: 'Write it as 90s, 10m, 12h or 7d.' })
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * sizes[unit!]!, 0)
}

/** A whole number. Throws `invalid_argument`. */
export function wholeNumber(text: string, option: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new BuildError('invalid_argument', `${option}: "${shown(text)}" is no whole number.`)
}
