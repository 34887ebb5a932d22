# SPDX-License-Identifier: ISC
"""CPU a login against probes in flight, both logarithmic, as SVG."""
import math

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 80, 180, 40, 60
COLOURS = ("#444444", "#0b6fc2", "#c2410b", "#2f8f3a", "#7b3fa0", "#a07a00")


def ticks(low, high):
    return [10**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def number(value):
    return "%d" % value if value < 10000 else "{:,}".format(value)


def spread(places, gap):
    """The heights of labels, moved apart so that none covers another."""
    result, last = {}, -math.inf
    for name, y in sorted(places.items(), key=lambda item: item[1]):
        last = result[name] = max(y, last + gap)
    return result


def svg(series, machine):
    xs = ticks(1, max(x for points in series.values() for x, _ in points))
    ys = ticks(min(y for points in series.values() for _, y in points),
               max(y for points in series.values() for _, y in points))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(x, y):
        return (LEFT + wide * math.log10(x / xs[0]) / math.log10(xs[-1] / xs[0]),
                TOP + high * (1 - math.log10(y / ys[0]) / math.log10(ys[-1] / ys[0])))

    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
           'font-family="sans-serif" font-size="12">' % (WIDTH, HEIGHT, WIDTH, HEIGHT),
           "<title>CPU a login against probes in flight</title>",
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="%d" y="22" font-size="14">CPU a login (user + system, µs) against probes in '
           "flight</text>" % LEFT]
    for x in xs:
        px = at(x, ys[0])[0]
        out.append('<path d="M%.1f %dV%d" stroke="#ddd"/>' % (px, TOP, HEIGHT - BOTTOM))
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>'
                   % (px, HEIGHT - BOTTOM + 18, number(x)))
    for y in ys:
        py = at(xs[0], y)[1]
        out.append('<path d="M%d %.1fH%d" stroke="#ddd"/>' % (LEFT, py, WIDTH - RIGHT))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%s</text>'
                   % (LEFT - 8, py + 4, number(y)))
    ends = spread({name: at(*points[-1])[1] for name, points in series.items()}, 15)
    for colour, (name, points) in zip(COLOURS, series.items()):
        places = [at(*point) for point in points]
        out.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>'
                   % (" ".join("%.1f,%.1f" % place for place in places), colour))
        out += ['<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"><title>%s, %d in flight: %.1f '
                "µs</title></circle>" % (*place, colour, name, *point)
                for place, point in zip(places, points)]
        out.append('<text x="%d" y="%.1f" fill="%s">%s</text>'
                   % (WIDTH - RIGHT + 12, ends[name] + 4, colour, name))
    out.append('<text x="%d" y="%d" fill="#666">probes in flight; %s, %d CPUs, Linux %s</text>'
               % (LEFT, HEIGHT - 14, machine["cpu"].replace("&", "&amp;").replace("<", "&lt;"),
                  machine["cpus"], machine["kernel"]))
    return "\n".join(out + ["</svg>", ""])
