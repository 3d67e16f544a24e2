import { computed, signal } from '@preact/signals'

/** Where the page stands: `#rows/refresh_tokens/7`. Links lead there, and the browser's way back leads back. */

const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

/** The parts of the place, the view first. */
export const place = computed(() => hash.value.slice(1).split('/').map(plain))

export function hrefOf(...parts: (string | number)[]): string {
  return `#${parts.map((part) => encodeURIComponent(part)).join('/')}`
}

export function go(...parts: (string | number)[]): void {
  location.hash = hrefOf(...parts)
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
