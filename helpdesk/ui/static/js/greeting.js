// Greeting and closing stand in an answer before a word of it is typed; alone they are no answer.
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
const partsOf = (editor) => [editor.dataset.opening || "", editor.dataset.closing || ""];

// What was typed; nothing, as long as only what came by itself stands there.
export function typedIn(editor) {
  return lines(editor.value) === lines(partsOf(editor).join("\n")) ? "" : editor.value;
}

// Where one goes on writing: at the end, but above the closing.
export function placeToWrite(editor) {
  const [, closing] = partsOf(editor);
  const text = editor.value.trimEnd();
  if (!closing || !text.endsWith(closing)) return editor.value.length;
  return text.slice(0, -closing.length).replace(/\n{1,2}$/, "").length;
}

// A text module with a greeting of its own greets nobody twice.
export function withoutGreeting(editor, text) {
  const [opening, closing] = partsOf(editor);
  let kept = text;
  if (opening && editor.value.includes(opening) && kept.startsWith(opening)) kept = kept.slice(opening.length).trimStart();
  if (closing && editor.value.includes(closing) && kept.trimEnd().endsWith(closing)) kept = kept.trimEnd().slice(0, -closing.length).trimEnd();
  return kept;
}
