import type { Report } from '../control/bodies.js'
import { FORMATS, formatOf } from '../control/findings/report-formats.js'
import { UsageError } from './usage-error.js'
import { checkWritable, notWritable, notWritten, writeWhole } from './whole-file.js'

/**
 * Looks before the start whether a report can be written there at the end.
 *
 * @throws UsageError
 */
export async function checkReportFile(file: string): Promise<void> {
  const found = JSON.stringify(file)
  let kind: 'file' | 'device'
  try {
    kind = await checkWritable(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EISDIR') throw new UsageError(`--report: found a folder, ${file}; allowed: a file`)
    if (code !== undefined && IN_FOLDER.has(code))
      throw new UsageError(`--report: found ${found}; allowed: a file in a folder that can be written to`)
    throw notWritable('--report', file, error)
  }
  if (kind === 'file' && formatOf(file) === undefined)
    throw new UsageError(`--report: found ${found}; allowed: a name that ends in .json, .xml or .md`)
}

const IN_FOLDER = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EROFS'])

/**
 * Writes a report in the format that the name of the file asks for, and into a device of another name as JSON.
 *
 * @throws OutputError
 */
export async function writeReport(file: string, report: Report): Promise<void> {
  try {
    await writeWhole(file, FORMATS[formatOf(file) ?? 'json'].text(report))
  } catch (error) {
    throw notWritten('--report', file, error)
  }
}
