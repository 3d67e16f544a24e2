import { chmod, rm, writeFile } from 'node:fs/promises'
import { bundle } from './bundle.js'
import { writeDeclarations } from './declarations.js'
import { licencesText } from './licences.js'

/** Makes `dist/`: program and library as bundles without dependencies, the types of the library, and the licences. */

await rm('dist', { recursive: true, force: true })
const chunks = await bundle({ write: true })
for (const program of ['dist/main.js', 'dist/ak.js']) await chmod(program, 0o755)
const exportsOf = (entry: string) => [entry, chunks.find(({ name }) => name === entry)?.exports ?? []]
await writeDeclarations(Object.fromEntries(['index', 'testcontainers/container'].map(exportsOf)))
await writeFile('dist/THIRD-PARTY-LICENSES.txt', licencesText(chunks.flatMap(({ moduleIds }) => moduleIds)))
