import { isBuildError, toFailure, type Probe } from '@kiln/core'
import { expectOk, type Client } from './client.ts'
import { askEngine, type EngineFacts } from './engine.ts'

interface Info {
  readonly Driver?: string
  readonly DriverStatus?: readonly (readonly string[])[] | null
  readonly MemoryLimit?: boolean
  readonly CpuCfsQuota?: boolean
}

/** What the engine is and can do; never rejects but for the signal. */
export async function probeEngine(client: Client, signal: AbortSignal | undefined): Promise<Probe> {
  try {
    const engine = await askEngine(client, signal)
    const info = expectOk(await client.call('GET', '/info', { signal }), 'describe itself') as Info
    return ready(client, engine, info)
  } catch (error) {
    signal?.throwIfAborted()
    if (!isBuildError(error)) throw error
    const { code, message, hint } = toFailure(error)
    return { ready: false, code, message, hint }
  }
}

function ready(client: Client, engine: EngineFacts, info: Info): Probe {
  const containerd = info.DriverStatus?.some(([, value]) => value?.startsWith('io.containerd.snapshotter')) === true
  const limits = [...(info.MemoryLimit === false ? [] : (['memory'] as const)), ...(info.CpuCfsQuota === false ? [] : (['cpus'] as const))]
  return {
    ready: true,
    version: engine.version,
    can: {
      recipes: engine.buildkit ? ['classic', 'buildkit'] : ['classic'],
      needs: [
        'exec',
        'network',
        ...(engine.buildkit ? ['buildkit'] : []),
        ...(engine.heredocs ? ['heredoc', 'link'] : []),
        ...engine.flags,
      ],
      outputs: ['load', 'push'],
      platforms: [engine.platform],
      limits,
      isolation: 'shared-daemon',
      attaches: false,
      reproducible: false,
    },
    facts: {
      engine: engine.version,
      api: engine.api,
      address: client.where,
      imageStore: containerd ? 'containerd' : `graph driver ${info.Driver ?? 'unknown'}`,
      builder: engine.buildkit ? 'classic; BuildKit without a session for Dockerfiles that need it' : 'classic',
      ...(engine.buildkit && { limits: 'not for Dockerfiles that need BuildKit' }),
      ...(limits.length === 2 ? {} : { warning: 'the kernel of the engine cannot limit memory or processors' }),
    },
  }
}
