const MAX_REMEMBERED = 1000

/** What was set last, up to a thousand of it. */
export class Recent<Value = true> extends Map<string, Value> {
  #newest: string | undefined

  override set(key: string, value: Value): this {
    this.delete(key)
    super.set(key, value)
    if (this.size > MAX_REMEMBERED) this.delete(this.keys().next().value as string)
    this.#newest = key
    return this
  }

  /** As if it had just been set once more. */
  touch(key: string): void {
    const value = this.get(key)
    if (this.#newest !== key && value !== undefined) this.set(key, value)
  }
}
