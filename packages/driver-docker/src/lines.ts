/** Makes whole lines of the pieces a program's output comes in. */
export interface LineMaker {
  take(text: string): void
  /** what came without a line end */
  end(): void
}

const longestHeld = 64 << 10
// control sequences of terminals: CSI, OSC, and the two-character ones
// eslint-disable-next-line no-control-regex
const escapes = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g

/** Lines without their end and without colours. Of a line that is written over (carriage return) the newest text counts. */
export function createLineMaker(line: (text: string) => void): LineMaker {
  let held = ''
  const give = (text: string): void => line(clean(text))
  return {
    take(text) {
      held += text
      const lines = held.split('\n')
      held = lines.pop() ?? ''
      for (const whole of lines) give(whole)
      const rewritten = held.lastIndexOf('\r', held.length - 2)
      if (rewritten >= 0) held = held.slice(rewritten + 1)
      if (held.length <= longestHeld) return
      give(held)
      held = ''
    },
    end() {
      if (held !== '') give(held)
      held = ''
    },
  }
}

function clean(text: string): string {
  const plain = text.replace(escapes, '').replace(/\r+$/, '')
  return plain.slice(plain.lastIndexOf('\r') + 1)
}
