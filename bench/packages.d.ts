/**
 * What is used of the packages of `bench/package.json`. They are installed by the commands that need them, so that a
 * checkout with the packages of its root alone can be type-checked.
 */

declare module 'autocannon' {
  interface Request {
    method: 'GET' | 'DELETE' | 'POST'
    path: string
    headers: Record<string, string>
    body?: string
  }
  interface Client {
    setRequests(requests: Request[]): void
  }
  interface Options {
    url: string
    connections: number
    /** Seconds. */
    duration?: number
    /** How many requests in all. */
    amount?: number
    setupClient(client: Client): void
  }
  export interface Result {
    requests: { total: number }
    /** Seconds. */
    duration: number
    statusCodeStats?: Record<string, { count?: number }>
    errors: number
  }
  interface Instance {
    on(event: 'response', listener: (client: Client, status: number, bytes: number, milliseconds: number) => void): this
  }
  export default function autocannon(options: Options, done: (error: Error | null, result: Result) => void): Instance
}

declare module 'vega' {
  export function parse(specification: object): object
  export class View {
    constructor(dataflow: object, options: { renderer: 'none' })
    toSVG(): Promise<string>
  }
}

declare module 'vega-lite' {
  export function compile(specification: object): { spec: object }
}

declare module 'esbuild' {
  interface Options {
    entryPoints: string[]
    outfile: string
    bundle: boolean
    minifyWhitespace: boolean
    minifySyntax: boolean
    format: 'esm'
    platform: 'node'
    target: string
    banner: { js: string }
  }
  export function build(options: Options): Promise<unknown>
}
