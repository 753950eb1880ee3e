// app/kiln/[[...path]]/route.ts of a Next.js application: all of Kiln's APIs below /kiln, on the Node runtime.
import { createHandler, createKeys, systemTenant } from '@kiln/server'
import { openKiln } from '@kiln/kiln'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'

type Answers = (request: Request) => Promise<Response>

// Next loads this file again in development: one engine, whatever happens.
const kept = globalThis as { kiln?: Promise<Answers> }

async function open(): Promise<Answers> {
  const engine = await openKiln({ planning: 'apart' })
  const { authenticate } = createKeys(engine.for(systemTenant).documents)
  const publicUrl = process.env['PUBLIC_URL'] ?? 'http://localhost:3000'
  return createHandler({ engine, authenticate, publicUrl, basePath: '/kiln' })
}

const answer: Answers = async (request) => (await (kept.kiln ??= open()))(request)

export { answer as DELETE, answer as GET, answer as HEAD, answer as OPTIONS, answer as PATCH, answer as POST, answer as PUT }
