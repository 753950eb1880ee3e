import type * as Telemetry from '@opentelemetry/api'
import type { Response } from '../answer.ts'
import type { AnyRoute } from '../api.ts'

/** Spans, where the host has OpenTelemetry: found when the server starts, never asked for. */
export interface Tracing {
  readonly active: boolean
  span(api: string, route: AnyRoute, id: string, work: () => Promise<Response>): Promise<Response>
}

type OpenTelemetry = Pick<typeof Telemetry, 'trace' | 'SpanKind' | 'SpanStatusCode'>

/** `found`: for tests; by default the host's `@opentelemetry/api`, if it is installed. */
export function createTracing(found: () => Promise<OpenTelemetry> = () => import('@opentelemetry/api')): Tracing {
  let telemetry: OpenTelemetry | undefined
  const look = async (): Promise<void> => {
    // not installed: nobody looks at spans
    telemetry = await found().catch(() => undefined)
  }
  void look()
  let tracer: Telemetry.Tracer | undefined
  return {
    get active() {
      return telemetry !== undefined && listening(telemetry)
    },
    span: (api, route, id, work) => {
      tracer ??= telemetry!.trace.getTracer('@kiln/server')
      const attributes = { 'http.request.method': route.method, 'http.route': route.path, 'kiln.api': api, 'kiln.request': id }
      return tracer.startActiveSpan(`${api} ${route.operationId}`, { kind: telemetry!.SpanKind.SERVER, attributes }, (span) =>
        ended(span, work, telemetry!.SpanStatusCode.ERROR),
      )
    },
  }
}

/** Whether somebody has registered a provider: without one a span still costs microseconds. */
function listening({ trace }: OpenTelemetry): boolean {
  const provider = trace.getTracerProvider() as Partial<Telemetry.ProxyTracerProvider>
  return provider.getDelegateTracer === undefined || provider.getDelegateTracer('@kiln/server') !== undefined
}

async function ended(span: Telemetry.Span, work: () => Promise<Response>, error: Telemetry.SpanStatusCode): Promise<Response> {
  try {
    const answer = await work()
    span.setAttribute('http.response.status_code', answer.status)
    return answer
  } catch (reason) {
    span.recordException(reason as Error)
    span.setStatus({ code: error })
    throw reason
  } finally {
    span.end()
  }
}
