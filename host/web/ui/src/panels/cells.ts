/** A span in `row` whose text is written in place, again and again. */
export function textCell(row: HTMLElement, className: string): Text {
    const cell = document.createElement("span");
    const text = document.createTextNode("");
    cell.className = className;
    cell.append(text);
    row.append(cell);
    return text;
}
