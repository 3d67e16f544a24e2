import type { Plugin } from 'rolldown'

/**
 * What packages load when they start, and need later, if ever: by the file that asks for it. It is loaded at its first
 * use, and packages among it from files of their own. All of it together takes a tenth of a start.
 */
const LATER: Record<string, string[]> = {
  // For servers that Fastify makes by itself.
  'fastify/lib/server.js': ['node:dns', 'node:http2', 'node:https'],
  // For the versions that plugins name, and for proxies that are trusted.
  'fastify/lib/plugin-utils.js': ['semver'],
  'fastify/lib/request.js': ['@fastify/proxy-addr'],
  // For logs that are written by threads.
  'pino/lib/transport.js': ['thread-stream'],
}

/** The packages among it, by the names of their files. */
export const LATER_PACKAGES = Object.fromEntries(
  Object.values(LATER)
    .flat()
    .filter((name) => !name.startsWith('node:'))
    .map((name) => [name.replace(/^@/, '').replace('/', '-'), name]),
)

/** @throws Error where a package does not ask for it any more, or in another way */
export const laterPlugin: Plugin = {
  name: 'later',
  resolveId: (name) => (name.endsWith('.cjs') ? { id: name, external: true } : null),
  transform(code, id) {
    const file = Object.keys(LATER).find((name) => id.endsWith(`/node_modules/${name}`))
    return file === undefined ? null : (LATER[file] ?? []).reduce((text, name) => atFirstUse(text, name, file), code)
  },
}

function atFirstUse(code: string, name: string, file: string): string {
  const asked = `= require('${name}')\n`
  if (code.split(asked).length !== 2) throw new Error(`scripts/later.ts: ${file} does not ask for ${name} as it did`)
  const [ofPackage] = Object.entries(LATER_PACKAGES).find(([, each]) => each === name) ?? []
  const from = ofPackage === undefined ? name : `./${ofPackage}.cjs`
  return code.replace(
    asked,
    `= new Proxy(function () {}, {
  get: (_, key) => require('${from}')[key],
  apply: (_, self, given) => require('${from}').apply(self, given),
  construct: (_, given) => new (require('${from}'))(...given),
})\n`,
  )
}
