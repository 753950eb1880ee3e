/** A tar of one Dockerfile. */
export function smallTar(): Buffer {
  const text = 'FROM python:3.12-slim\nCOPY . .\nCMD ["python", "main.py"]\n'
  return Buffer.concat([...tarFile('Dockerfile', Buffer.from(text)), ...tarFile('main.py', Buffer.from('print(1)\n')), Buffer.alloc(1024)])
}

function tarFile(name: string, content: Buffer): readonly Buffer[] {
  const head = tarHead(name, content.length)
  return [head, content, Buffer.alloc(-content.length & 511)]
}

export function tarHead(name: string, size: number): Buffer {
  const head = Buffer.alloc(512)
  head.write(name)
  head.write('0000644\u00000000000\u00000000000\u0000', 100)
  head.write(`${size.toString(8).padStart(11, '0')}\u000000000000000\u0000        0`, 124)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}
