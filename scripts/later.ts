import type { Plugin } from 'rolldown'

/**
 * What packages load when they start, and need later, if ever: by the file that asks for it. It is loaded at its first
 * use. All of it together takes a tenth of a start.
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

/** @throws Error where a package does not ask for it any more, or in another way */
export const laterPlugin: Plugin = {
  name: 'later',
  transform(code, id) {
    const file = Object.keys(LATER).find((name) => id.endsWith(`/node_modules/${name}`))
    return file === undefined ? null : (LATER[file] ?? []).reduce((text, name) => atFirstUse(text, name, file), code)
  },
}

function atFirstUse(code: string, name: string, file: string): string {
  const asked = `= require('${name}')\n`
  if (code.split(asked).length !== 2) throw new Error(`scripts/later.ts: ${file} does not ask for ${name} as it did`)
  return code.replace(
    asked,
    `= new Proxy(function () {}, {
  get: (_, key) => require('${name}')[key],
  apply: (_, self, given) => require('${name}').apply(self, given),
  construct: (_, given) => new (require('${name}'))(...given),
})\n`,
  )
}
