import { join } from 'node:path'
import { build, type OutputChunk, type Plugin } from 'rolldown'
import { buildConsole, consolePlugin } from './console.js'
import { LATER_PACKAGES, laterPlugin } from './later.js'
import { namesPlugin } from './names.js'

const AMBIENT = join(import.meta.dirname, 'ambient.js')

/** What stands for a global, wherever it is used, also in packages: an export of `ambient.js`. */
const GLOBALS: Record<string, string> = {
  'Date.now': 'dateNow',
  'performance.now': 'performanceNow',
  'process.nextTick': 'nextTick',
  TextDecoder: 'TextDecoder',
  TextEncoder: 'TextEncoder',
  URL: 'URL',
  URLSearchParams: 'URLSearchParams',
  clearImmediate: 'clearImmediate',
  clearInterval: 'clearInterval',
  clearTimeout: 'clearTimeout',
  queueMicrotask: 'queueMicrotask',
  setImmediate: 'setImmediate',
  setInterval: 'setInterval',
  setTimeout: 'setTimeout',
}

/** What is not bundled, wherever it is imported. */
export const OUTSIDE = new Set([
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
  'testcontainers',
])

/** A single letter from beyond Latin-1 makes V8 hold and read all of a file with two bytes for each character. */
const asciiPlugin: Plugin = {
  name: 'ascii',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) if (file.type === 'chunk') file.code = escapeBeyondAscii(file.code)
  },
}

/** What is written as JSON is read as text: V8 takes longer for a large object among code. */
const jsonPlugin: Plugin = {
  name: 'languages',
  transform: (code, id) =>
    id.endsWith('/src/authentik/languages.json')
      ? { code: `export default JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(code)))})`, moduleType: 'js' }
      : null,
}

/**
 * V8 compiles a function in parentheses as it reads it. An arrow it reads to its end first, and once more when it is
 * called, as the wrappers of all CommonJS modules are at a start.
 */
const wrappersPlugin: Plugin = {
  name: 'wrappers',
  renderChunk: (code) => code.replace(/(__commonJSMin\(\()(\([\w, ]*\)) => \{/g, '$1function$2 {'),
}

/** Such letters only stand in texts and patterns, where their escapes mean the same. */
function escapeBeyondAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Bundles the program and the library with everything that they use into `dist/`. See decisions/0002. */
export async function bundle({ write }: { write: boolean }): Promise<OutputChunk[]> {
  const page = await buildConsole()
  const { output } = await build({
    input: {
      main: 'src/main.ts',
      ak: 'src/cli/ak.ts',
      index: 'src/index.ts',
      'testcontainers/container': 'src/testcontainers/container.ts',
    },
    platform: 'node',
    plugins: [consolePlugin(page), laterPlugin, namesPlugin, jsonPlugin, wrappersPlugin, asciiPlugin],
    transform: {
      target: 'node20',
      inject: Object.fromEntries(Object.entries(GLOBALS).map(([name, from]) => [name, [AMBIENT, from]])),
    },
    // Fastify asks for these when it is to compile schemas or to inject requests. Nobody asks it to, and they are a
    // third of what a start would read.
    // Testcontainers is that of those who use it, and finds the library as its neighbour: shared between the two entries,
    // the library would be a file more to read for everybody.
    external: (module, importer) =>
      OUTSIDE.has(module) ||
      (module === '../index.js' && importer?.endsWith('/src/testcontainers/container.ts') === true),
    write,
    output: {
      dir: 'dist',
      chunkFileNames: 'chunks/[name]-[hash].js',
      // Functions and classes keep their names, for those who read stack traces.
      minify: { compress: { keepNames: { function: true, class: true } }, mangle: { keepNames: true } },
      // One file for what every command needs, and one for what the server needs beside it: few files start fast.
      codeSplitting: {
        groups: [
          { name: 'command-line', test: /\/src\/cli\/(?:invocation|help)\.ts$|\/package\.json$/, priority: 2 },
          { name: 'server', test: /\/src\/cli\/commands\/serve\.ts$/, priority: 1 },
        ],
      },
    },
  })
  const later = await build({
    input: LATER_PACKAGES,
    platform: 'node',
    write,
    output: {
      dir: 'dist/chunks',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      minify: true,
    },
  })
  return [...[...output, ...later.output].filter((file) => file.type === 'chunk'), page.chunk]
}
