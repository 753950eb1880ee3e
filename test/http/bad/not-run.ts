// Cases of security.md, section 4, that are not run here, and why.
import type { NotRun } from './row.ts'

export const notRun: readonly NotRun[] = [
  {
    id: 3,
    what: 'the times of refused keys',
    reason:
      'No test judges by time. That every refusal does the same work (one look-up, one hash, one comparison) stands in packages/server/test/auth.',
  },
  {
    id: 15,
    what: '2,000 sockets, one byte a second, p99 < 1 s',
    reason: 'Time: 500 sockets are held open above; the rest is benchmarks/.',
  },
  {
    id: 37,
    what: 'the loop is held up for less than 100 ms',
    reason: 'No test judges by time: the look through the bytes gives way every MiB (input/json-scan.ts).',
  },
  {
    id: 46,
    what: 'matching takes less than 50 ms',
    reason: 'No test judges by time: packages/core/test/source tests the matcher as linear.',
  },
  {
    id: 47,
    what: 'detection takes less than 200 ms; invalid UTF-8',
    reason: 'No test judges by time. A JSON text cannot hold invalid UTF-8 (16); packages/core/test/detect has it in archives.',
  },
  { id: 50, what: 'values in the image', reason: 'Needs an engine: test/engine/render.test.ts builds them and reads them back.' },
  {
    id: 79,
    what: 'image_name "con"',
    reason: 'An image name is no file name: legal here and in the native API; RunAgents refuses it, as its names are (23).',
  },
  {
    id: 80,
    what: 'image_url as a reference',
    reason:
      'What an image_url may be is not documented (apis.md 2.7): anything printable is registered, nothing is ever run or pulled with it.',
  },
  { id: 59, what: '500 MiB and a byte', reason: 'The same code with a limit of 40,000 bytes; the real size is in benchmarks/upload.' },
  {
    id: 62,
    what: 'within 2 s, with less than 64 MB more',
    reason:
      'No test judges by time or memory: packages/core/test/source/archive-memory.test.ts and archive-attacks.test.ts bound what is unpacked.',
  },
  {
    id: 71,
    what: 'the same tree as GNU tar and Go',
    reason:
      'Not compared with Go here. That archives of GNU tar are read as it wrote them stands in packages/core/test/source/archive.test.ts.',
  },
  { id: 86, what: 'a client that never reads', reason: 'packages/server/test/logs: it is dropped, others and the build go on.' },
  { id: 91, what: 'another host', reason: 'Host is not trusted and not signed: addresses are made of publicUrl alone.' },
  { id: 92, what: 'a clock that is 10 minutes off', reason: 'Only one clock counts, the server’s; the client’s is not asked.' },
  {
    id: 95,
    what: 'a wrong Content-MD5 header',
    reason: 'Not looked at in a form post, as at S3; no client of apis.md sends one. As a field it is refused (above).',
  },
  {
    id: 103,
    what: 'a pair of equal xxhash64',
    reason:
      'There is none: bytes are known by SHA-256; the public 16 digits are of MD5 and only compared beside it (apis/pipecat/create.ts).',
  },
  {
    id: 105,
    what: 'a base tag that moved',
    reason: 'Needs a registry whose tags move: the age of bases is a rule of the engine (packages/core/test/engine), no input of HTTP.',
  },
]
