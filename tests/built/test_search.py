"""Gate 7: a few words, typed into the book's search, lead to the answer: it is among the first three results."""

import pytest

from tools.editions import to_taiwan
from tools.places import EDITIONS

QUESTIONS = [  # what a reader asks, what is typed, and which page and section answer
    ("My loss does not go down.", "loss stuck", "pages/errors.html#no-error-but-something-is-wrong"),
    ("It does not go down.", "loss not decreasing", "pages/errors.html"),
    ("My accuracy is that of a guess.", "accuracy stuck chance", "pages/errors.html"),
    ("How large may the first loss be?", "first loss logarithm classes", "pages/errors.html"),
    ("Can my network learn at all?", "overfit one batch", "pages/errors.html"),
    ("Is there a softmax too many?", "softmax twice", "lessons/06_iris_logistic_regression.html"),
    ("It is bad only after training.", "eval worse", "pages/errors.html"),
    ("Are my labels in the right order?", "labels wrong order", "pages/errors.html"),
    ("My loss is nan.", "loss nan", "pages/errors.html"),
    ("Where did the nan come from?", "nan born", "pages/errors.html#where-was-the-nan-born"),
    ("What is inference_mode, beside no_grad?", "inference_mode no_grad", "pages/errors.html"),
    ("Same seed, other result: why?", "same seed result", "pages/errors.html#same-seed-different-results"),
    ("My GPU is idle.", "GPU idle num_workers", "pages/errors.html#slow-and-the-gpu-idle-num-workers"),
    ("How do I go on tomorrow?", "resume training", "lessons/12_your_own_digit.html"),
    ("What belongs in a checkpoint?", "checkpoint optimizer scheduler", "pages/cheat_sheet.html"),
    ("My data are a table.", "csv Dataset", "lessons/06_iris_logistic_regression.html"),
    ("One class is rare.", "class weights", "pages/errors.html#a-rare-class-is-never-found-class-weights"),
    ("is_available() is False.", "cuda is_available False", "pages/errors.html#torch-cuda-is-available-is-false"),
    ("Which PyTorch do I install?", "CUDA wheel", "pages/errors.html"),
    ("No kernel image is available.", "no kernel image", "pages/errors.html#cuda-error-no-kernel-image-is"),
    ("Numpy is not available.", "numpy not available", "pages/errors.html#numpy-is-not-available"),
    ("WinError 126", "WinError 126", "pages/errors.html#winerror-126"),
    ("What are 0.1307 and 0.3081?", "MNIST mean deviation", "lessons/11_mnist.html"),
    ("No module named torch", "no module named torch", "pages/errors.html#no-module-named-torch"),
    ("OMP: Error #15", "OMP Error 15", "pages/errors.html#omp-error-15"),
    ("device-side assert triggered", "device-side assert", "pages/errors.html#cuda-error-device-side-assert"),
    ("float64 on a Mac", "MPS float64", "pages/errors.html#cannot-convert-a-mps-tensor"),
]
CHINESE_QUESTIONS = [  # the same for the Chinese editions
    ("我的损失降不下去。", "损失 不下降", "pages/errors.html"),
    ("学习率是不是太大？", "学习率 太大", "pages/errors.html"),
    ("我的显卡找不到。", "is_available False", "pages/errors.html#torch-cuda-is-available-is-false"),
    ("广播会错在哪里？", "陷阱 广播", "lessons/01_tensors.html"),
    ("张量和数组共享内存吗？", "数组 张量 共享内存", "lessons/02_numpy_bridge.html"),
    ("导数是怎么来的？", "自动求导", "lessons/03_autograd.html"),
    ("什么时候该停下？", "过拟合", "lessons/09_overfitting.html"),
    ("卷积是怎么算的？", "卷积 窗口", "lessons/10_inside_a_network.html"),
    ("明天怎么接着训练？", "继续训练 保存", "lessons/12_your_own_digit.html"),
    ("图片很少怎么办？", "迁移学习", "lessons/17_transfer_learning.html"),
    ("注意力是什么？", "注意力", "lessons/19_attention.html"),
    ("几个进程怎么一起训练？", "进程 梯度 平均", "lessons/20_many_processes.html"),
    ("旧代码里的 Variable 呢？", "Variable", "pages/old_code.html"),
]


@pytest.fixture(scope="module")
def results(chromium, server):
    """A function from what is typed to the addresses of the first three results, in an edition's search."""
    page = chromium.new_page()

    def search(words, edition=""):
        page.goto(f"{server}/{edition}/search.html")
        page.fill(".bd-search-container input", words)
        page.keyboard.press("Enter")
        page.wait_for_selector(".search-summary:not(:empty)", state="attached")
        links = page.eval_on_selector_all(
            "#search-results li a", "links => links.map(link => link.getAttribute('href'))"
        )
        return links[:3]

    yield search
    page.close()


@pytest.mark.parametrize(("question", "typed", "answer"), QUESTIONS)
def test_the_answer_is_among_the_first_three(results, question, typed, answer):
    found = results(typed)
    assert any(link.startswith(answer) for link in found), f"{question} {typed}: {found}"


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(("question", "typed", "answer"), CHINESE_QUESTIONS)
def test_chinese_words_lead_to_the_answer(results, edition, question, typed, answer):
    found = results(to_taiwan(typed) if edition == "zh_TW" else typed, edition)
    assert any(link.startswith(answer) for link in found), f"{question} {typed}: {found}"


def test_a_section_is_found_by_words_of_its_heading_in_any_order(results):
    assert results("multiplied shapes mat1")[0].startswith(
        "pages/errors.html#mat1-and-mat2-shapes-cannot-be-multiplied"
    )


def test_words_that_stand_nowhere_find_nothing(results):
    assert results("xylophone") == []
