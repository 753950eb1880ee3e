interface Rule {
  readonly word: string
  readonly team: string
}

/** The team of the first rule whose word is in the text. */
export async function sorted({ text }: { text: string }): Promise<{ team: string }> {
  const rules = JSON.parse(await Deno.readTextFile('./rules.json')) as Rule[]
  return { team: rules.find(({ word }) => text.toLowerCase().includes(word))?.team ?? 'front desk' }
}
