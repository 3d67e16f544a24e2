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

export function objectText<Row>(
  keys: readonly string[],
  values: Record<string, (row: Row, projection: Projection) => unknown>,
  row: Row,
  projection: Projection,
): string {
  const members = keys.map((key) => {
    const value = values[key]?.(row, projection)
    return `"${key}":${value instanceof JsonText ? value.text : JSON.stringify(value)}`
  })
  return `{${members.join(',')}}`
}
