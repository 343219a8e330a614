#!/usr/bin/env python3
"""Draws a terminal screen as a picture: render.py WIDTHxHEIGHT dark|light SCREEN.ansi PICTURE.png

The input is what `tmux capture-pane -e -p -N` prints. Needs pyte, Pillow and the fonts DejaVu Sans Mono and WenQuanYi
Zen Hei.
"""

import re
import sys

import pyte
from PIL import Image, ImageDraw, ImageFont
from wcwidth import wcwidth

FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono"
# For what takes two columns, such as Chinese and Japanese.
WIDE_FONT = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
POINTS = 15
MARGIN = 10

NAMES = "black red green brown blue magenta cyan white".split()
DARK = {
    "default": ("#d0d0d0", "#1b1d22"),
    "normal": "#30343c #e0696f #98c379 #d8b264 #6aa5e8 #c58ad9 #5cb8bd #c8ccd4".split(),
    "bright": "#7b8290 #f08a8f #b3d99b #ecca82 #8fc0f5 #dba8ea #83d3d6 #ffffff".split(),
}
LIGHT = {
    "default": ("#24292f", "#ffffff"),
    "normal": "#24292f #b3261e #2e6b2e #8a5a00 #0b5cad #7a29a8 #00695c #7d8492".split(),
    "bright": "#57606a #d1352b #3a8a3a #a87400 #2277cc #9745c4 #00867a #d0d4da".split(),
}


def carry_dim(screen_text):
    """pyte knows no dim text; nothing blinks here, so that blinking stands for it."""

    def sequence(found):
        out, codes = [], iter((found.group(1) or "0").split(";"))
        for code in codes:
            if code in ("38", "48"):
                kind = next(codes)
                out += [code, kind] + [next(codes) for _ in range(1 if kind == "5" else 3)]
            else:
                out += {"2": ["5"], "22": ["22", "25"]}.get(code, [code])
        return "\x1b[" + ";".join(out) + "m"

    return re.sub(r"\x1b\[([0-9;]*)m", sequence, screen_text)


def read_screen(path, columns, rows):
    with open(path, encoding="utf-8", newline="") as file:
        text = carry_dim(file.read().rstrip("\n"))
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    return screen


def color(name, palette, ground):
    """A colour of pyte's as #rrggbb. `ground` is 0 for text, 1 for the background."""
    if name == "default":
        return palette["default"][ground]
    if name.startswith("bright"):
        return palette["bright"][NAMES.index(name.removeprefix("bright"))]
    if name in NAMES:
        return palette["normal"][NAMES.index(name)]
    return "#" + name


def mix(one, two, share):
    channels = [(int(one[at : at + 2], 16), int(two[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in channels)


def looks(cell, palette):
    text, back = color(cell.fg, palette, 0), color(cell.bg, palette, 1)
    if cell.reverse:
        text, back = back, text
    if cell.blink:
        text = mix(text, back, 0.38)
    return text, back


def draw(screen, palette):
    fonts = {
        is_bold: ImageFont.truetype(f"{FONTS}{'-Bold' if is_bold else ''}.ttf", POINTS) for is_bold in (False, True)
    }
    wide_font = ImageFont.truetype(WIDE_FONT, POINTS)
    width = round(fonts[False].getlength("M"))
    height = sum(fonts[False].getmetrics())
    size = (screen.columns * width + 2 * MARGIN, screen.lines * height + 2 * MARGIN)
    image = Image.new("RGB", size, palette["default"][1])
    pen = ImageDraw.Draw(image)
    # Backgrounds first: letters may reach into the next cell.
    for is_text in (False, True):
        for row in range(screen.lines):
            for column in range(screen.columns):
                cell = screen.buffer[row][column]
                left, top = MARGIN + column * width, MARGIN + row * height
                text, back = looks(cell, palette)
                if not is_text:
                    pen.rectangle((left, top, left + width - 1, top + height - 1), fill=back)
                    continue
                if cell.data.strip():
                    font = wide_font if wcwidth(cell.data[0]) == 2 else fonts[cell.bold]
                    pen.text((left, top), cell.data, font=font, fill=text)
                if cell.underscore:
                    pen.line((left, top + height - 2, left + width - 1, top + height - 2), fill=text)
    return image


def main():
    size, ground, source, target = sys.argv[1:]
    columns, rows = map(int, size.split("x"))
    palette = LIGHT if ground == "light" else DARK
    image = draw(read_screen(source, columns, rows), palette)
    # 256 colours: this method keeps the rare ones, such as that of one marked word.
    image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main()
