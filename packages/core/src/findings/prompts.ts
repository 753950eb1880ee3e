import type { Told } from './told.ts'

/** A text of several words that the code gives to a model as its instructions. */
export function isPrompt({ text, slot = '', role, alone }: Told): boolean {
  if (alone || text.length < 12 || !text.includes(' ')) return false
  if (role !== undefined) return (role === 'system' || role === 'developer') && slot === 'content'
  return names.test(slot)
}

const names = /^(?:system|instructions|system_?(?:prompt|message|instructions?|template)|agent_?(?:prompt|instructions))$/i
