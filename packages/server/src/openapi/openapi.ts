import type { Hono } from 'hono'
import type { Api } from '../api.ts'
import type { Parts } from '../parts.ts'

/** `/openapi/{api}.json`, made from the routes. */
export function openApiRoutes(app: Hono, apis: readonly Api[], parts: Parts): void {
  for (const api of apis) app.get(`/openapi/${api.name}.json`, () => Response.json(document(api, parts)))
}

function document(api: Api, parts: Parts): object {
  return { openapi: '3.0.3', info: { title: api.title, version: api.version }, servers: [{ url: parts.publicUrl }], paths: {} }
}
