// Builds dist/: the program and the library as bundles without dependencies, their types, and the licences of what is
// bundled. See decisions/0002.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'rolldown'

rmSync('dist', { recursive: true, force: true })

const { output } = await build({
  input: { main: 'src/main.ts', index: 'src/index.ts' },
  platform: 'node',
  transform: { target: 'node20' },
  // Fastify asks for these when it is to compile schemas or to inject requests. Nobody asks it to, and they are a third
  // of what a start would read.
  external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'],
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
chmodSync('dist/main.js', 0o755)

execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' })

const packages = new Set(
  output
    .flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    .flatMap((module) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? []),
)
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', [...packages].sort().map(licenceOf).join('\n\n'))

/** @param {string} folder */
function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text =
    file === undefined || !existsSync(join(folder, file))
      ? ''
      : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`
  return `${name} ${version} (${license})${text}\n${'-'.repeat(dirname(folder).length)}`
}
