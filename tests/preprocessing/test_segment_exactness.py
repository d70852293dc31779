"""The words are those of jieba 0.42.1, document by document."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import skmtl
from skmtl.preprocessing._segment import get_segmenter
from skmtl.preprocessing._tables import load_words

ENGINES = ["jieba", "auto"]
SIMPLIFIED = (
    "国学会来说时对过这们为个从么没开关问间门见现觉还进远运动东车轮转较钱银铁钟长张强将样点热爱"
    "欢观难谁让请语话词读写书画图园团圆员买卖卡价饭馆饮馒头发脸里后面线红绿级纪给经结统网罗乐药"
    "术机杀杂权条电视听声处备复够梦头夹夺奋妇妈姐孙学宁实审写宽宾对寻导寿届属岁岛师带帮广庄庆应库"
)
TRADITIONAL = (
    "國學會來說時對過這們為個從麼沒開關問間門見現覺還進遠運動東車輪轉較錢銀鐵鐘長張強將樣點熱愛"
    "歡觀難誰讓請語話詞讀寫書畫圖園團圓員買賣卡價飯館飲饅頭髮臉裡後面線紅綠級紀給經結統網羅樂藥"
    "術機殺雜權條電視聽聲處備複夠夢頭夾奪奮婦媽姐孫學寧實審寫寬賓對尋導壽屆屬歲島師帶幫廣莊慶應庫"
)
MIXED = [
    "check-in 2-3 天 v1.2.3 C++ c# T恤 AT&T 1.6G内存 3.5% 100%好 a_b foo.bar@x.com U盘 4S店 小S",
    "Hello world! It's 2024-01-02, costs $3.50 (approx. 10%)\tok\r\nnext\n\r line\u3000全角　空格",
    "好😀👍🏽很棒👨‍👩‍👧！！！…… ——～〜①②③½ｆｕｌｌ－ｗｉｄｔｈ１２３％",
    "結婚的和尚未結婚的確實在乾淨安良好的服務 臺灣大學 龍鳳呈祥 憂鬱的台灣烏龜",
    "㐀㐁中䶵國龦鿫鿿豈更𠀀𪛖𫝀丽\U0003134a\ud800孤\udfff\0零\x1c\x85\u200b\u2028\ufeff",
    "叠加入时灯黑豹骨胶粒子息三五种子鸡嚷叫嚣然林火炮台夜大港大道",
    "仿佛佇立氤氲踟蹰 氵丶亅 一二三四五六七八九十百千万亿 ＋－×÷＝ A.B.C. 1..2 ++ -- a--b a%%b %% .5 5. #1 &",
    "", " ", "\n", "\r\n", "的", "a", "的的", "aa", "1.5%", "-", "。",
]  # fmt: skip


pytestmark = pytest.mark.parametrize("hmm", [True, False], ids=["hmm", "no_hmm"])


def check_equal(texts, hmm, reference, engines):
    """Each engine cuts each text as jieba does."""
    expected = [reference.lcut(text, HMM=hmm) for text in texts]
    for engine in engines:
        cut = get_segmenter(engine).cut
        cut_texts = zip(texts, expected, strict=True)
        assert [text for text, words in cut_texts if cut(text, hmm) != words] == [], engine


@pytest.mark.slow
def test_reviews(hmm, reviews, jieba_reference):
    texts = list(dict.fromkeys(reviews))  # all lines; half of them come twice
    assert len(texts) > 17_000
    check_equal(texts, hmm, jieba_reference, ENGINES)


def test_emoji_texts(hmm, jieba_reference):
    path = Path(skmtl.__path__[0], "datasets", "emoji", "emoji.json")
    rows = json.loads(path.read_text(encoding="utf-8"))
    texts = ["|".join(row[:3]) for row in rows] + [row[1] for row in rows]
    assert len(texts) == 2 * 1026
    check_equal(texts, hmm, jieba_reference, ENGINES)


def test_traditional_characters(hmm, reviews, jieba_reference):
    table = str.maketrans(SIMPLIFIED, TRADITIONAL)
    plain = [text for text in dict.fromkeys(reviews) if len(text) < 100][:1000]
    texts = [text.translate(table) for text in plain]
    assert sum(map(str.__ne__, texts, plain)) > 900
    check_equal(texts, hmm, jieba_reference, ENGINES)


def test_mixes(hmm, jieba_reference):
    check_equal(MIXED, hmm, jieba_reference, ENGINES)


def test_near_ties_show_the_total_of_the_dictionary(hmm):
    # rjieba counts "B超", twice in the dictionary, once: these two strings tell.
    for engine in ENGINES:
        assert get_segmenter(engine).cut("叠加入时", hmm) == ["叠加", "入时"]
        assert get_segmenter(engine).cut("灯黑豹骨", hmm) == ["灯黑", "豹骨"]


def random_texts(n_texts, seed):
    """Make texts of words, of characters, of cut-up words, and of all of Unicode."""
    random_ = random.Random(seed)
    words = [word for word, n in load_words(None).frequencies.items() if n]
    characters = [word for word in words if len(word) == 1]
    ascii_ = "abcXYZ0123456789+#&._%- "
    ranges = [(0x4E00, 0x9FD5)] * 6 + [
        (0x20, 0x7F), (0x3000, 0x303F), (0x3400, 0x4DBF), (0x9FD6, 0x9FFF), (0xD800, 0xDFFF),
        (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x1F300, 0x1F6FF), (0x20000, 0x323AF), (0, 0x10FFFF),
    ]  # fmt: skip

    def anything():
        return chr(random_.randint(*random_.choice(ranges)))

    kinds = [
        lambda: random_.choice(words),
        lambda: random_.choice(characters),
        lambda: random_.choice(words)[random_.randint(0, 1) :][: random_.randint(1, 3)],
        anything,
        lambda: random_.choice(ascii_),
        lambda: random_.choice([*characters[:50], *ascii_, "\r\n", "\r", "\n", "，", anything()]),
    ]
    for number in range(n_texts):
        kind = kinds[number % len(kinds)]
        yield "".join(kind() for _ in range(random_.randint(1, 9)))


@pytest.mark.slow
def test_a_hundred_thousand_random_texts(hmm, jieba_reference):
    check_equal(list(random_texts(100_000, seed=0)), hmm, jieba_reference, ENGINES)


@settings(max_examples=300)
@given(text=st.text(st.one_of(st.characters(), st.characters(codec="gb2312")), max_size=60))
def test_any_text(hmm, jieba_reference, text):
    check_equal([text], hmm, jieba_reference, ENGINES)


@pytest.mark.slow
def test_search_mode(hmm, reviews, jieba_reference):
    texts = [*list(dict.fromkeys(reviews))[:1000], *MIXED]
    expected = [jieba_reference.lcut_for_search(text, HMM=hmm) for text in texts]
    for engine in ENGINES:
        cut = get_segmenter(engine).cut_for_search
        assert [cut(text, hmm) for text in texts] == expected, engine
