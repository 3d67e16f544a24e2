/** Leaves out of texts whatever looks like a secret by its name. */

const SECRET = /token|secret|key|password|auth|code/i
const JSON_MEMBER = /("[^"\\]*(?:token|secret|key|password|auth|code)[^"\\]*"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)/gi

/** A request target: the values of parameters with such a name. */
export function maskUrl(target: string): string {
  return target.includes('?') ? target.replace(/([?&])([^=&]*)=([^&]*)/g, maskPair) : target
}

/** A body: such members of JSON, such fields of a form. */
export function maskBody(body: string): string {
  return body.replace(JSON_MEMBER, '$1"…"').replace(/(^|&)([^=&{}\s]*)=([^&]*)/g, maskPair)
}

function maskPair(pair: string, mark: string, name: string): string {
  return SECRET.test(name) ? `${mark}${name}=…` : pair
}
