/** Those that know how they are built: the compiler holds their rules to this list. */
export const builtFrameworks = [
  'langgraph',
  'mastra',
  'xmcp',
  'eliza',
  'redwood',
  'medusa',
  'strapi',
  'keystone',
  'adonis',
  'next',
  'nuxt',
  'sveltekit',
  'react-router',
  'remix',
  'astro',
  'tanstack-start',
  'solid-start',
  'qwik',
  'analog',
  'nest',
  'nitro',
  'docusaurus',
  'vitepress',
  'vuepress',
  'rspress',
  'vocs',
  'hexo',
  'gatsby',
  'eleventy',
  'sapper',
  'brunch',
  'gridsome',
  'angular',
  'create-react-app',
  'vue-cli',
  'sanity',
  'umi',
  'quasar',
  'expo',
  'ember',
  'stencil',
  'rsbuild',
  'vite',
  'parcel',
  'webpack',
  'storybook',
] as const

export type BuiltFrameworkName = (typeof builtFrameworks)[number]

/** Server frameworks by the package that is imported; the first that a program uses names it. */
export const nodeFrameworks: readonly string[] = [
  ...[
    'express',
    'fastify',
    'koa',
    'hono',
    '@nestjs/core',
    'elysia',
    'h3',
    'polka',
    'restify',
    '@hapi/hapi',
    'itty-router',
    '@apollo/server',
  ],
  ...['@modelcontextprotocol/sdk', 'fastmcp', 'mcp-framework', '@voltagent/core', 'genkit', '@temporalio/worker', 'bullmq', 'inngest'],
]

/** Of such a package, as people call it. */
export function frameworkName(module: string): string {
  return module === '@nestjs/core' ? 'nest' : module
}

/** All that a Config can choose from: those that know how they are built, and the packages of servers. */
export const nodeFrameworkNames: readonly string[] = [...new Set([...builtFrameworks, ...nodeFrameworks.map(frameworkName)])]
