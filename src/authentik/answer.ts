/**
 * The layers that an answer passes, each adding headers: `router` the bare minimum, `front` what the front server says
 * of itself, `proxy` what it says of whatever it passes on, `application` the rest.
 */
export const LAYERS = { router: 0, front: 1, proxy: 2, application: 3 }

/** What authentik answers, before it becomes headers and bytes. */
export interface Answer {
  status: number
  /** Absent: an empty body. */
  body?: Body
  /** In the place of a body: the parts of one that is too large to be held at once. */
  parts?: Iterable<Buffer>
  /** Absent: JSON as the release labels it. Null: no such header. */
  contentType?: string | null
  allow?: string
  /** Other headers, by their name on the wire. */
  headers?: Record<string, string>
  /** Each a Set-Cookie header. */
  cookies?: string[]
  /** The second Vary header, where it is not the usual one. */
  vary?: string
  /** Who answers, by default the application: each adds its headers to those of the ones before it. */
  from?: keyof typeof LAYERS
  /** How the answer ends if not by a length. */
  ends?: 'chunked' | 'unsaid'
}

/** Bytes that may be sent more than once. */
export interface Body {
  plain: Buffer
  /** Made at the first use. */
  gzip?: Buffer
}

/** The further headers of what nobody is to keep: one object for all, by which the server knows that they are safe to send. */
export const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' }

export function bodyOf(text: string): Body {
  return { plain: Buffer.from(text) }
}
