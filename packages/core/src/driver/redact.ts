const mask = '[redacted]'
const shortest = 4

/** Hides secret values wherever a builder might repeat them: as they are, line by line, and in base64. */
export interface Redactor {
  /** from now on this value is hidden */
  add(secret: Uint8Array | string): void
  text(text: string): string
}

export function createRedactor(): Redactor {
  const hidden: string[] = []
  return {
    add(secret) {
      const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
      for (const form of formsOf(bytes)) if (!hidden.includes(form)) hidden.push(form)
      hidden.sort((a, b) => b.length - a.length) // a short one inside a long one would leave the rest of it
    },
    text(text) {
      let clean = text.includes('://') ? text.replace(/(:\/\/[^\s:/@]*):[^\s/@]+@/g, `$1:${mask}@`) : text
      for (const form of hidden) if (clean.includes(form)) clean = clean.replaceAll(form, mask)
      return clean
    },
  }
}

function formsOf(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes)
  const lines = [text, ...text.split(/\r?\n/)].map((line) => line.trim()).filter((line) => line.length >= shortest)
  return lines.flatMap((line) => [line, ...base64Forms(new TextEncoder().encode(line)), encodeURIComponent(line)])
}

/** A value inside a longer base64 text shows in one of three alignments; the outer characters depend on the neighbours. */
function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2]
    .map((shift) => {
      const padded = new Uint8Array(shift + bytes.length)
      padded.set(bytes, shift)
      const encoded = btoa(String.fromCharCode(...padded.subarray(0, 32_768))).replace(/=+$/, '')
      return encoded.slice(shift === 0 ? 0 : shift + 1, padded.length % 3 === 0 ? encoded.length : encoded.length - 1)
    })
    .filter((form) => form.length >= 8)
}
