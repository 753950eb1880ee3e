import type { Hono } from 'hono'
import { Response } from '../answer.ts'
import type { Api } from '../api.ts'
import type { Parts } from '../parts.ts'
import { documentOf } from './document.ts'

/** `/openapi/{api}.json`, made from the routes when first asked for. */
export function openApiRoutes(app: Hono, apis: readonly Api[], parts: Parts): void {
  for (const api of apis) {
    let text: string | undefined
    app.get(`/openapi/${api.name}.json`, () => {
      text ??= JSON.stringify(documentOf(api, parts.publicUrl))
      return new Response(text, { headers: { 'content-type': 'application/json' } })
    })
  }
}
