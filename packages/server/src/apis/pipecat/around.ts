import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import type { Parts } from '../../parts.ts'

/** What the command line asks for before a build. An organisation is a tenant. */
export function aroundRoutes({ regions }: Parts): readonly AnyRoute[] {
  const codes = regions.all.map(({ code }) => code)
  const defaultRegion = regions.default
  return [
    route({
      method: 'GET',
      path: '/organizations',
      operationId: 'listOrganizations',
      summary: 'The organisation of the key',
      scope: 'read',
      answers: { 200: { description: 'One', schema: organizations } },
      handle: async ({ caller: { tenant } }) => Response.json({ organizations: [{ name: tenant, verboseName: tenant }] }),
    }),
    route({
      method: 'GET',
      path: '/users',
      operationId: 'getUser',
      summary: 'Whose key it is',
      scope: 'read',
      answers: { 200: { description: 'The user', schema: user } },
      handle: async ({ caller: { id } }) => Response.json({ user: { userId: id, emails: [] } }),
    }),
    route({
      method: 'GET',
      path: '/properties',
      operationId: 'getProperties',
      summary: 'Settings of the organisation',
      scope: 'read',
      answers: { 200: { description: 'Their values', schema: properties } },
      handle: async () => Response.json({ properties: { defaultRegion } }),
    }),
    route({
      method: 'GET',
      path: '/properties/schema',
      operationId: 'getPropertiesSchema',
      summary: 'What the settings can be',
      scope: 'read',
      answers: { 200: { description: 'A description for each', schema: propertiesSchema } },
      async handle() {
        const description = 'Where builds are made that name no region'
        const setting = { type: 'string', description, currentValue: defaultRegion, default: defaultRegion, availableValues: codes }
        return Response.json({ properties: { defaultRegion: setting } })
      },
    }),
    route({
      method: 'GET',
      path: '/regions',
      operationId: 'listRegions',
      summary: 'The regions of this server',
      scope: 'read',
      answers: { 200: { description: 'All of them', schema: regionList } },
      handle: async () => Response.json({ regions: regions.all.map(({ code, displayName }) => ({ code, display_name: displayName })) }),
    }),
  ]
}

const organizations = z
  .object({ organizations: z.array(z.object({ name: z.string(), verboseName: z.string() })) })
  .meta({ id: 'OrganizationList' })

const user = z
  .object({ user: z.object({ userId: z.string(), emails: z.array(z.object({ emailAddress: z.string() })) }) })
  .meta({ id: 'GetUserResponse' })

const properties = z.object({ properties: z.object({ defaultRegion: z.string() }) }).meta({ id: 'Properties' })

const setting = z.object({
  type: z.string(),
  description: z.string(),
  currentValue: z.string(),
  default: z.string(),
  availableValues: z.array(z.string()),
})
const propertiesSchema = z.object({ properties: z.object({ defaultRegion: setting }) }).meta({ id: 'PropertiesSchema' })

const regionList = z.object({ regions: z.array(z.object({ code: z.string(), display_name: z.string() })) }).meta({ id: 'RegionList' })
