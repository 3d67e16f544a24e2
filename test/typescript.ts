import { join } from 'node:path'
import ts from 'typescript'

/** The compiler of TypeScript, which takes half a second to load. */

/** As what plain Node runs, of every release that is supported. */
export function javaScriptOf(program: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  return ts.transpileModule(program, { compilerOptions }).outputText
}

const declarations = new Map<string, ts.SourceFile | undefined>()

/** Reads declarations, such as those of Node, once for all compilations. */
function sharing(host: ts.CompilerHost): ts.CompilerHost {
  const read = host.getSourceFile
  return {
    ...host,
    // As tsc does: comments are for editors.
    jsDocParsingMode: ts.JSDocParsingMode.ParseForTypeErrors,
    getSourceFile(file, options, ...rest) {
      if (!file.endsWith('.d.ts')) return read(file, options, ...rest)
      const key = `${file} ${typeof options === 'object' && options.impliedNodeFormat}`
      if (!declarations.has(key)) declarations.set(key, read(file, options, ...rest))
      return declarations.get(key)
    },
  }
}

/** What is wrong with TypeScript files. All of them are compiled at once, which takes half the time of one for each. */
export function compile(folder: string, files: string[], options: object): string[] {
  const common = { strict: true, noEmit: true, skipLibCheck: true, target: 'es2022', lib: ['es2022'], types: [] }
  const { options: settings, errors } = ts.convertCompilerOptionsFromJson({ ...common, ...options }, folder)
  const program = ts.createProgram(
    files.map((file) => join(folder, file)),
    settings,
    sharing(ts.createCompilerHost(settings)),
  )
  const found = [...errors, ...ts.getPreEmitDiagnostics(program)]
  return found.map(
    ({ file, messageText }) =>
      `${file?.fileName.slice(folder.length + 1) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  )
}
