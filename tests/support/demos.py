"""What the tests of the demos share: where the demos are, what they say, how fingers touch them."""

import base64
import functools
import io
import json

import numpy as np
import torch
from PIL import Image

from tests.support.strokes import strokes
from tools.places import ROOT, lesson

DEMOS = ROOT / "_static/demos"
LESSONS = {  # where each demo stands
    "strides": "tensors",
    "graph": "autograd",
    "descent": "gradients_by_hand",
    "convolution": "inside_a_network",
    "digit": "your_own_digit",
    "sees": "cifar10_better",
    "attention": "attention",
}
LESSONS = {demo: lesson(name).stem for demo, name in LESSONS.items()}
NEXT_PICTURE = "() => new Promise(requestAnimationFrame)"


def says(demo):
    """Which of its sentences a demo says, by its name in the table of words."""
    return demo.get_by_role("status").get_attribute("data-says")


@functools.cache
def weights(name):
    """What the script of a demo's weights holds."""
    text = (DEMOS / f"{name}-weights.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix(f"{name}Weights = ").removesuffix(";\n"))


def fill(model, name):
    """A lesson's network with the numbers that the page of a demo has; to be evaluated."""
    numbers = torch.frombuffer(bytearray(base64.b64decode(weights(name)["numbers"])), dtype=torch.half)
    tensors = {key: tensor for key, tensor in model.state_dict().items() if tensor.is_floating_point()}
    parts = numbers.float().split([tensor.numel() for tensor in tensors.values()])
    model.load_state_dict({key: part.view(tensors[key].shape) for key, part in zip(tensors, parts)}, strict=False)
    return model.eval()


def touch(demo, moments):
    """Fingers on the paper, at shares of its width; one that is there at the first moment stays to the last."""
    box, finger = demo.locator("canvas").first.bounding_box(), demo.page.context.new_cdp_session(demo.page)
    for number, places in enumerate(moments):
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": id}
            for id, (x, y) in enumerate(places)
        ]
        down = len(places) > len(moments[number - 1]) or not number
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart" if down else "touchMove", "touchPoints": points})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    demo.evaluate(NEXT_PICTURE)


def sketch(demo, image):
    """Draw a digit, uint8 (28, 28), on the paper with the mouse."""
    mouse, box = demo.page.mouse, demo.locator("canvas").first.bounding_box()
    for stroke in strokes(image):
        points = [(box["x"] + x / 28 * box["width"], box["y"] + y / 28 * box["height"]) for x, y in stroke]
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point)
        mouse.up()


def picture(demo):
    """The paper as a picture, white on black, with the rim that makes it a page."""
    url = demo.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    ink = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).getchannel("A")
    page = Image.new("L", (600, 600))
    page.paste(ink, (60, 60))
    return page


def grey(element):
    """The pixels of an element as it is seen, from black, 0, to white, 255."""
    return np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("L"))
