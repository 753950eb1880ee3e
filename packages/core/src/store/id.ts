/** A UUID of version 7 (RFC 9562): sorts by time, hard to guess (74 random bits). */
export function newId(now: number): string {
  const time = Math.trunc(now).toString(16).padStart(12, '0')
  // the random part of a version 4, which has the variant in the same place
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}
