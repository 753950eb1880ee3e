// Node's own Response costs 8 us for a small JSON answer, most of a request. This one keeps status, headers and text as they are
// until somebody asks for more. Import it under its name: `Response.json(…)` and `new Response(…)` then mean this one.

const Native = globalThis.Response

type BodyInit = NonNullable<ConstructorParameters<typeof Native>[0]>
type Init = NonNullable<ConstructorParameters<typeof Native>[1]>
type HeadersInit = NonNullable<Init['headers']>
type Body = string | Uint8Array | null

/** What goes on the wire. */
export interface Plain {
  readonly status: number
  readonly body: Body
  readonly headers: Record<string, string>
}

/** Whole answers stay light; streams and forms become Node's own Response. */
class Light {
  readonly status: number
  readonly statusText: string
  #body: Body
  #headers: Record<string, string> | Headers
  #native: globalThis.Response | undefined

  constructor(body?: BodyInit | null, init?: Init) {
    this.status = init?.status ?? 200
    this.statusText = init?.statusText ?? ''
    this.#body = (body ?? null) as Body
    this.#headers = {}
    // oxlint-disable-next-line no-constructor-return -- as `Response`, whatever the body
    if (!isWhole(body)) return new Native(body, init) as unknown as Light
    this.#headers = headersOf(init?.headers)
    if (typeof body === 'string' && !this.#has('content-type')) this.#put('content-type', 'text/plain;charset=UTF-8')
  }

  static json(value: unknown, init?: Init): globalThis.Response {
    const text = JSON.stringify(value)
    if (text === undefined) throw new TypeError('The value cannot be JSON.')
    const headers = headersOf(init?.headers)
    if (!(headers instanceof Headers)) headers['content-type'] ??= 'application/json'
    else if (!headers.has('content-type')) headers.set('content-type', 'application/json')
    return new Light(text, { ...init, headers })
  }

  static error(): globalThis.Response {
    return Native.error()
  }

  static redirect(url: string | URL, ...status: readonly never[]): globalThis.Response {
    return Native.redirect(url, ...status)
  }

  #has(name: string): boolean {
    return this.#headers instanceof Headers ? this.#headers.has(name) : this.#headers[name] !== undefined
  }

  #put(name: string, value: string): void {
    if (this.#headers instanceof Headers) this.#headers.set(name, value)
    else this.#headers[name] = value
  }

  get headers(): Headers {
    if (this.#native) return this.#native.headers
    if (!(this.#headers instanceof Headers)) this.#headers = new Headers(this.#headers)
    return this.#headers
  }

  #whole(): globalThis.Response {
    return (this.#native ??= new Native(this.#body as BodyInit | null, {
      status: this.status,
      statusText: this.statusText,
      headers: this.#headers,
    }))
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }
  get redirected(): boolean {
    return false
  }
  get type(): globalThis.Response['type'] {
    return 'default'
  }
  get url(): string {
    return ''
  }
  get body(): ReadableStream<Uint8Array> | null {
    return this.#whole().body
  }
  get bodyUsed(): boolean {
    return this.#native?.bodyUsed ?? false
  }
  async text(): Promise<string> {
    return this.#whole().text()
  }
  async json(): Promise<unknown> {
    return this.#whole().json()
  }
  async bytes(): Promise<Uint8Array> {
    return this.#whole().bytes()
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#whole().arrayBuffer()
  }
  async blob(): Promise<Blob> {
    return this.#whole().blob()
  }
  async formData(): Promise<FormData> {
    return this.#whole().formData()
  }
  clone(): globalThis.Response {
    return this.#whole().clone()
  }

  /** Adds a header without making anything. */
  static put(answer: globalThis.Response, name: string, value: string): void {
    if (answer instanceof Light && !answer.#native) answer.#put(name, value)
    else answer.headers.set(name, value)
  }

  static plain(answer: globalThis.Response): Plain | undefined {
    if (!(answer instanceof Light) || answer.#native) return undefined
    const headers = answer.#headers
    return { status: answer.status, body: answer.#body, headers: headers instanceof Headers ? Object.fromEntries(headers) : headers }
  }
}

Object.setPrototypeOf(Light.prototype, Native.prototype)

function isWhole(body: unknown): boolean {
  return body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array
}

/** Names in small letters, so that each is there once. */
function headersOf(init: HeadersInit | undefined): Record<string, string> | Headers {
  if (init === undefined) return {}
  if (init instanceof Headers || Array.isArray(init)) return new Headers(init)
  const own: Record<string, string> = {}
  for (const name in init) own[name.toLowerCase()] = checkedValue((init as Record<string, string>)[name]!)
  return own
}

function checkedValue(value: string): string {
  if (value === 'application/json') return value
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new TypeError('A header has a sign that it cannot have.')
  return value
}

export const Response: typeof globalThis.Response = Light
export type Response = globalThis.Response

/** Sets a header of any answer, without a cost for light ones. */
export const putHeader: (answer: Response, name: string, value: string) => void = (answer, name, value) => Light.put(answer, name, value)
/** A light answer as it goes on the wire; undefined for Node's own. */
export const plainOf: (answer: Response) => Plain | undefined = (answer) => Light.plain(answer)
