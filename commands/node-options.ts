// How Node.js itself runs a process of one role. The launcher knows the audit's, for whoever starts it alone.

/**
 * A service alone does little at once: small nurseries for new objects cost it no speed and save half its heap. The audit reads a
 * great many rows and keeps hardly any: told that it has little room, it gives back what it has read at once, and not when it has
 * taken a hundred megabytes more than it needs.
 */
export function nodeOptionsOf(role: string): readonly string[] {
  return role === "audit"
    ? ["--max-semi-space-size=1", "--max-old-space-size=256"]
    : ["--max-semi-space-size=1"];
}
