"""What a Typst document begins with: its looks, and how lines, facts and tables are set."""

PREAMBLE = r"""#set document(title: TITLE, date: none)
#set page("a4", margin: 2cm, numbering: "1")
#set text(font: "New Computer Modern", size: 10.5pt, lang: "en")
#set par(leading: 0.6em, spacing: 0.9em)
#show title: set text(size: 16pt)
#show heading: set block(above: 1.3em, below: 0.8em, sticky: true)
#show heading.where(level: 1): set text(size: 13pt)
#show heading.where(level: 2): set text(size: 11.5pt)
#show math.equation: set text(font: "New Computer Modern Math")
#show math.equation.where(block: true): set align(left)
#show math.equation: set block(breakable: false)
#set math.cases(gap: 0.6em)
#let across = 17cm
#let soft = luma(90)
#let phantom = hide
#let room(lines) = v(16pt * lines)
#let blank = box(width: 7em, height: 1em, stroke: (bottom: 0.5pt))
#let short = box(width: 4em, height: 1.8em, stroke: (bottom: 0.5pt))

// A formula within a text; `said` is what it says to those who cannot see it.
// Its line is as high as it is, so that fractions of two lines do not touch.
#let m(said, formula) = {
  set text(top-edge: "bounds", bottom-edge: "bounds")
  math.equation(alt: said, formula.body)
}
// The same in a cell, where fractions are as large as on a line of their own and the row is as high as they are.
#let cell(said, formula) = {
  set par(leading: 0pt)
  math.equation(alt: said, math.display(formula.body))
}
#let caption(text) = block(sticky: true, above: 1.2em, strong(text))
#let note(body, strong: false) = par(if strong { std.strong(body) } else { body })
#let facts(..cells) = grid(
  columns: (auto, 1fr), column-gutter: 1.5em, row-gutter: 0.7em,
  ..cells.pos().enumerate().map(((n, cell)) => if calc.even(n) { text(fill: soft, cell) } else { cell }),
)

#let wide(body) = measure(math.equation(block: true, body)).width
// What is too wide for a line even alone is made smaller.
#let fitting(body, width, most) = {
  let ratio = most / width
  if ratio >= 1 { body } else { box(scale(x: ratio * 100%, y: ratio * 100%, reflow: true, math.equation(body))) }
}
// The pieces of a side, each with its width, in lines as long as they may be, all but the first further to the right.
#let filled(pieces, most) = {
  let rows = ()
  let end = 0pt
  for (body, width) in pieces {
    if rows.len() > 0 and end + width <= most {
      rows.last() += body
      end += width
    } else {
      rows.push(if rows.len() > 0 { h(1em) } + fitting(body, width, most))
      end = width
    }
  }
  rows
}
// Lines aligned at their first sign: what each says, its name, its sides in pieces, a remark, what it is worth; below
// each so many lines are free.
#let lines(beside: false, free: 0, ..rows) = context {
  let em = 1em.to-absolute()
  let names = rows.pos().map(row => wide(row.at(1).body))
  let start = calc.max(..names)
  for ((said, name, sides, remark, worth), named) in rows.pos().zip(names) {
    let most = across - start - if worth == "" { 2 * em } else { 5 * em }
    // A sign at the start of a piece takes more room behind another piece.
    let sized = sides.map(side => side.map(piece => (piece.body, wide(piece.body) + em / 2)))
    let together = sized.map(side => side.map(((_, width)) => width).sum()).sum() <= most
    let parts = if together { (sides.flatten().map(piece => piece.body).sum(),) } else {
      sized.map(side => filled(side, most - em)).flatten()
    }
    let body = h(start - named) + name.body + $&$.body + parts.join($\ &$.body)
    if worth != "" { body += h(2em) + "[" + worth + "]" }
    if remark != "" {
      let said = text(fill: soft, "(" + remark + ")")
      body += if beside and wide(parts.last() + h(2em) + said) <= most { h(2em) } else { $\ & quad$.body } + said
    }
    block(above: 0.75em, below: 0.75em, math.equation(block: true, alt: said, body))
    if free > 0 { room(free) }
  }
}
#let data(columns, aligned, ..cells) = context {
  let made(size) = table(
    columns: columns, align: aligned.map(side => side + horizon), stroke: none, inset: (x: 0.6em, y: 0.35em),
    ..cells,
  )
  let ratio = across / measure(made(1em)).width
  set text(size: calc.min(1, ratio) * 1em)
  made(1em)
}
#let branches(..rows) = grid(
  columns: (auto, auto, auto), column-gutter: 2em, row-gutter: 0.9em,
  align: (x, y) => horizon + if x < 2 { left } else { right },
  ..rows.pos().map(((depth, formula, slope, value)) => (pad(left: depth * 1.5em, formula), slope, value)).flatten(),
)

"""
