import type { FastifyServerOptions } from 'fastify'
import type { TSchema } from 'typebox'

/** Makes of a schema, and the part of the request that it is for, what checks that part. */
type BuildCheck = (route: { schema: TSchema; httpPart?: string }) => (given: unknown) => unknown

/**
 * Has an application check what is sent, and write what is answered, in its own way. Every application needs this: the
 * bundle leaves out the compilers that Fastify comes with.
 */
export function compilers(
  buildCheck: BuildCheck,
  write: (value: unknown) => string,
): NonNullable<FastifyServerOptions['schemaController']> {
  const compilersFactory = { buildValidator: () => buildCheck, buildSerializer: () => () => write }
  // Fastify's types know ajv's compilers alone.
  return { compilersFactory } as unknown as NonNullable<FastifyServerOptions['schemaController']>
}
