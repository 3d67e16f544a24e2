import type { Static, TSchema } from 'typebox'
import type { RequestContext } from '../../../../authentik/context.js'
import type { Included } from '../../../../authentik/resource.js'

/** How a row becomes the body of a release: the value of each field by its name, in the order that the release has. */

export interface Projection extends Pick<RequestContext, 'database' | 'release'>, Included {}

/** The value of each field, or its JSON text where the text is special. */
export type Values<F extends Record<string, TSchema>, Row> = {
  [K in keyof F]: (row: Row, projection: Projection) => Static<F[K]> | JsonText
}

/** A text that is JSON already. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** JSON that is made piece by piece. */
export class JsonPieces {
  readonly pieces: Iterable<string>

  constructor(pieces: Iterable<string>) {
    this.pieces = pieces
  }
}

export function objectText<Row>(
  keys: readonly string[],
  values: Record<string, (row: Row, projection: Projection) => unknown>,
  row: Row,
  projection: Projection,
): string {
  const members = keys.map((key) => `"${key}":${textOf(values[key]?.(row, projection))}`)
  return `{${members.join(',')}}`
}

/** The same piece by piece, where values may be `JsonPieces`. */
export function* objectPieces<Row>(
  keys: readonly string[],
  values: Record<string, (row: Row, projection: Projection) => unknown>,
  row: Row,
  projection: Projection,
): Generator<string> {
  let before = '{'
  for (const key of keys) {
    const value = values[key]?.(row, projection)
    yield `${before}"${key}":`
    if (value instanceof JsonPieces) yield* value.pieces
    else yield textOf(value)
    before = ','
  }
  yield '}'
}

function textOf(value: unknown): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value)
}
