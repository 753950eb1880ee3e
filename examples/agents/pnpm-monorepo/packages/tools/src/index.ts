import { z } from 'zod'

interface Tool {
  readonly name: string
  run(input: string): string
}

const date = z.iso.date()

const tools: readonly Tool[] = [
  { name: 'weekday', run: (input) => new Date(`${date.parse(input)}T00:00:00Z`).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }) },
  { name: 'count', run: (input) => String(input.split(/\s+/).filter(Boolean).length) },
]

export function toolNames(): string[] {
  return tools.map(({ name }) => name)
}

export function findTool(name: string): Tool | undefined {
  return tools.find((tool) => tool.name === name)
}
