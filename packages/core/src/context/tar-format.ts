/** One member of a tar, as Kiln writes them: owner 0, mode 0644, 0755 or 0777, one time for all. */
export type Member =
  | { readonly kind: 'file'; readonly path: string; readonly executable: boolean; /** bytes */ readonly size: number }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

const blockSize = 512

/** What ends a tar: two blocks of zeros. */
export const endSize: number = 2 * blockSize

/** bytes from which the size needs a pax header: 11 octal digits end there */
const largestSize = 8 * 2 ** 30

/**
 * The header blocks of a member: one, or three and more where a name or size does not fit (pax, only for what does not
 * fit). Source: POSIX.1-2017, pax, "ustar Interchange Format". The view is valid until the next call.
 */
export function tarHeader(member: Member, epoch: number): Uint8Array {
  const name = Buffer.from(member.kind === 'directory' ? `${member.path}/` : member.path)
  const target = member.kind === 'link' ? Buffer.from(member.target) : none
  const size = member.kind === 'file' ? member.size : 0
  const cut = name.length <= 100 ? -1 : prefixCut(name)
  const records = paxRecords(cut === undefined ? name : none, target, size)
  const fields = { cut: cut ?? -1, name, target, size: size < largestSize ? size : 0, epoch }
  if (records.length === 0) return block(typeOf(member), modeOf(member), fields)
  const padded = Buffer.alloc(Math.ceil(records.length / blockSize) * blockSize)
  records.copy(padded)
  const pax = { cut: -1, name: paxName, target: none, size: records.length, epoch }
  const first = Buffer.from(block('x', 0o644, pax))
  return Buffer.concat([first, padded, block(typeOf(member), modeOf(member), fields)])
}

/** zeros from the end of a file's content to the end of its last block */
export function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize
}

interface Fields {
  /** where a long name is cut into prefix and name; -1 where it is not */
  readonly cut: number
  readonly name: Buffer
  readonly target: Buffer
  readonly size: number
  readonly epoch: number
}

const none = Buffer.alloc(0)
const paxName = Buffer.from('PaxHeader')
const scratch = Buffer.alloc(blockSize)

function block(type: string, mode: number, { cut, name, target, size, epoch }: Fields): Buffer {
  scratch.fill(0)
  name.copy(scratch, 0, cut + 1, Math.min(name.length, cut + 101))
  octal(scratch, mode, 100, 7)
  octal(scratch, 0, 108, 7)
  octal(scratch, 0, 116, 7)
  octal(scratch, size, 124, 11)
  octal(scratch, epoch, 136, 11)
  scratch.fill(0x20, 148, 156)
  scratch[156] = type.charCodeAt(0)
  target.copy(scratch, 157, 0, Math.min(target.length, 100))
  scratch.write('ustar\x0000', 257, 'latin1')
  if (cut >= 0) name.copy(scratch, 345, 0, cut)
  let sum = 0
  for (let i = 0; i < blockSize; i++) sum += scratch[i]!
  octal(scratch, sum, 148, 6)
  scratch[154] = 0
  return scratch
}

function octal(into: Buffer, value: number, at: number, digits: number): void {
  let rest = value
  for (let i = at + digits - 1; i >= at; i--) {
    into[i] = 0x30 + (rest % 8)
    rest = Math.floor(rest / 8)
  }
}

/** The slash where a name of more than 100 bytes can be cut: at most 155 bytes before, at most 100 after it. */
function prefixCut(name: Buffer): number | undefined {
  const cut = name.indexOf(0x2f, name.length - 101)
  return cut > 0 && cut <= 155 && cut < name.length - 1 ? cut : undefined
}

function paxRecords(name: Buffer, target: Buffer, size: number): Buffer {
  const long = target.length > 100 ? target : none
  if (name.length === 0 && long.length === 0 && size < largestSize) return none
  const records = [name.length > 0 && record('path', name), long.length > 0 && record('linkpath', long)]
  const large = size >= largestSize && record('size', Buffer.from(String(size)))
  return Buffer.concat([...records, large].filter((part) => part !== false))
}

/** `length key=value\n`, where the length counts itself. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  const digits = String(rest.length + String(rest.length).length).length
  return Buffer.concat([Buffer.from(String(rest.length + digits)), rest])
}

function typeOf(member: Member): string {
  return { file: '0', link: '2', directory: '5' }[member.kind]
}

function modeOf(member: Member): number {
  if (member.kind === 'link') return 0o777
  return member.kind === 'directory' || member.executable ? 0o755 : 0o644
}
