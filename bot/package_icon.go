package bot

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// The sizes of the two icons, in pixels (https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package).
const (
	colorIconSize   = 192
	outlineIconSize = 32
)

// The icon is an hourglass on a square of 24 units.
const iconUnits = 24

type point struct{ x, y float64 }

// stroke is a line with round ends; thick is half its width.
type stroke struct {
	a, b  point
	thick float64
}

// glass are the strokes of the left half and of the two lids, on whole pixels of the small icon; the right half is its mirror image.
var glass = []stroke{
	{point{6, 2.625}, point{18, 2.625}, 1.125}, {point{6, 21.375}, point{18, 21.375}, 1.125},
	{point{7.5, 3}, point{7.5, 6.8}, 0.75}, {point{7.5, 6.8}, point{11.1, 12}, 0.75},
	{point{11.1, 12}, point{7.5, 17.2}, 0.75}, {point{7.5, 17.2}, point{7.5, 21}, 0.75},
}

// sand are polygons, in clockwise order: what is left, and what has run out.
var sand = [][]point{
	{{9, 8.25}, {15, 8.25}, {12, 12.4}},
	{{12, 14.6}, {15, 18.9}, {15, 19.5}, {9, 19.5}, {9, 18.9}},
}

func (s stroke) covers(p point) bool {
	d := point{s.b.x - s.a.x, s.b.y - s.a.y}
	t := ((p.x-s.a.x)*d.x + (p.y-s.a.y)*d.y) / (d.x*d.x + d.y*d.y)
	t = min(1, max(0, t))
	return math.Hypot(p.x-s.a.x-t*d.x, p.y-s.a.y-t*d.y) <= s.thick
}

func inGlass(p point) bool {
	mirror := point{iconUnits - p.x, p.y}
	for _, s := range glass {
		if s.covers(p) || s.covers(mirror) {
			return true
		}
	}
	return false
}

func inSand(p point) bool {
	for _, t := range sand {
		inside := true
		for i, a := range t {
			b := t[(i+1)%len(t)]
			inside = inside && (b.x-a.x)*(p.y-a.y)-(b.y-a.y)*(p.x-a.x) >= 0
		}
		if inside {
			return true
		}
	}
	return false
}

// samples is how many points a pixel is looked at in each direction, for smooth edges.
const samples = 8

// share is how much of the pixel at x, y is covered, from 0 to 1. scale is pixels a unit, margin what is left free around.
func share(covers func(point) bool, x, y int, scale, margin float64) float64 {
	n := 0
	for i := range samples * samples {
		dx, dy := (float64(i%samples)+0.5)/samples, (float64(i/samples)+0.5)/samples
		if covers(point{(float64(x) + dx - margin) / scale, (float64(y) + dy - margin) / scale}) {
			n++
		}
	}
	return float64(n) / (samples * samples)
}

// blend lays a colour over another that is opaque.
func blend(under, over color.NRGBA, share float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*share)) }
	return color.NRGBA{mix(under.R, over.R), mix(under.G, over.G), mix(under.B, over.B), 0xff}
}

// colorIcon is the whole square in the accent colour, with the hourglass in its middle: Teams rounds the corners itself.
func colorIcon() ([]byte, error) {
	ground, white, gold := color.NRGBA{0x0b, 0x53, 0x94, 0xff}, color.NRGBA{0xff, 0xff, 0xff, 0xff}, color.NRGBA{0xff, 0xc8, 0x3d, 0xff}
	const scale = 5.5
	margin := (colorIconSize - scale*iconUnits) / 2.0
	img := image.NewNRGBA(image.Rect(0, 0, colorIconSize, colorIconSize))
	for y := range colorIconSize {
		for x := range colorIconSize {
			c := blend(ground, gold, share(inSand, x, y, scale, margin))
			img.SetNRGBA(x, y, blend(c, white, share(inGlass, x, y, scale, margin)))
		}
	}
	return encodePNG(img)
}

// outlineIcon is white alone, on a transparent ground.
func outlineIcon() ([]byte, error) {
	const scale = float64(outlineIconSize) / iconUnits
	img := image.NewNRGBA(image.Rect(0, 0, outlineIconSize, outlineIconSize))
	for y := range outlineIconSize {
		for x := range outlineIconSize {
			all := share(func(p point) bool { return inGlass(p) || inSand(p) }, x, y, scale, 0)
			img.SetNRGBA(x, y, color.NRGBA{0xff, 0xff, 0xff, uint8(math.Round(255 * all))})
		}
	}
	return encodePNG(img)
}

func encodePNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw icon: %w", err)
	}
	return b.Bytes(), nil
}
