"""Clean a Chinese name and read it: pinyin, initials and the key lists are sorted by.

pypinyin reads a surname like a common word (单 dan, 曾 ceng), so surnames are read from a table first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from pypinyin import Style, lazy_pinyin

from students.rules.identity import Problem, clean

MIDDLE_DOT = "·"
DOTS = re.compile("[•‧∙⋅・･•●﹒]|(?<=[\u3400-\U0003ffff])[.。](?=[\u3400-\U0003ffff])")
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
SPACE_AT_HAN = re.compile(f"(?<=[{HAN}{MIDDLE_DOT}]) +| +(?=[{HAN}{MIDDLE_DOT}])")
NAME = re.compile(f"[{HAN}A-Za-zÀ-ɏ{MIDDLE_DOT} .'-]+")
PRIVATE_USE = re.compile("[\ue000-\uf8ff\ufffd□\U000f0000-\U0010ffff]")
UNREAD = re.compile(f"[{HAN}]|[^{HAN} ]+")
LONGEST_NAME = 50

# Readings of 现代汉语词典 for surnames whose common reading differs.
SINGLE_SURNAMES: Mapping[str, str] = MappingProxyType(
    {
        "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "任": "ren", "区": "ou", "朴": "piao",
        "燕": "yan", "缪": "miao", "乐": "yue", "折": "she", "员": "yun", "种": "chong", "华": "hua", "纪": "ji",
        "翟": "zhai", "覃": "qin", "谌": "chen", "洗": "xian", "冼": "xian", "秘": "bi", "那": "na", "逄": "pang",
        "郇": "xun", "逯": "lu", "隗": "wei", "祭": "zhai", "过": "guo", "卜": "bu", "车": "che", "晁": "chao",
        "黑": "he", "召": "shao", "宓": "mi", "句": "gou", "阚": "kan", "郗": "xi", "葛": "ge", "占": "zhan",
        "应": "ying", "宁": "ning", "甯": "ning", "莘": "shen", "钭": "tou", "干": "gan", "尉": "wei", "行": "xing",
        "藏": "zang", "牟": "mu", "曲": "qu", "繁": "po", "乜": "nie", "盛": "sheng", "能": "nai", "薄": "bo",
        "相": "xiang", "要": "yao", "呙": "guo", "眭": "sui", "贲": "ben", "麴": "qu", "宿": "su", "撒": "sa",
        "佴": "nai", "哈": "ha", "都": "du", "长": "zhang", "石": "shi", "万": "wan", "沈": "shen", "柏": "bai",
        "郝": "hao", "佟": "tong", "靳": "jin", "於": "yu", "重": "chong", "会": "gui", "炅": "gui", "便": "pian",
        "瞿": "qu", "臧": "zang", "夏": "xia", "谷": "gu", "殷": "yin", "吾": "wu", "强": "qiang", "盖": "ge",
        "褚": "chu", "俞": "yu", "扎": "za", "教": "jiao", "降": "jiang", "观": "guan", "幺": "yao", "仉": "zhang",
        "亓": "qi", "厍": "she", "佘": "she", "妫": "gui", "昝": "zan", "芮": "rui", "訾": "zi",
    }
)  # fmt: skip
COMPOUND_SURNAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "欧阳": ("ou", "yang"), "尉迟": ("yu", "chi"), "长孙": ("zhang", "sun"), "万俟": ("mo", "qi"),
        "澹台": ("tan", "tai"), "亓官": ("qi", "guan"), "鲜于": ("xian", "yu"), "宇文": ("yu", "wen"),
        "夏侯": ("xia", "hou"), "皇甫": ("huang", "fu"), "诸葛": ("zhu", "ge"), "上官": ("shang", "guan"),
        "司马": ("si", "ma"), "司徒": ("si", "tu"), "司空": ("si", "kong"), "公孙": ("gong", "sun"),
        "慕容": ("mu", "rong"), "东方": ("dong", "fang"), "独孤": ("du", "gu"), "南宫": ("nan", "gong"),
        "钟离": ("zhong", "li"), "闻人": ("wen", "ren"), "轩辕": ("xuan", "yuan"), "淳于": ("chun", "yu"),
        "太史": ("tai", "shi"), "申屠": ("shen", "tu"), "赫连": ("he", "lian"), "呼延": ("hu", "yan"),
        "端木": ("duan", "mu"), "百里": ("bai", "li"), "东郭": ("dong", "guo"), "西门": ("xi", "men"),
        "拓跋": ("tuo", "ba"), "完颜": ("wan", "yan"), "纳兰": ("na", "lan"), "濮阳": ("pu", "yang"),
        "公冶": ("gong", "ye"), "宗政": ("zong", "zheng"), "乐正": ("yue", "zheng"), "漆雕": ("qi", "diao"),
        "令狐": ("ling", "hu"), "贺兰": ("he", "lan"), "左丘": ("zuo", "qiu"), "梁丘": ("liang", "qiu"),
        "第五": ("di", "wu"), "叱干": ("chi", "gan"), "耶律": ("ye", "lv"), "钟吾": ("zhong", "wu"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How a name is read: `pinyin` "shanxiongxin", `initials` "sxx", `sort_key` to order lists by."""

    pinyin: str
    initials: str
    sort_key: str


def clean_name(text: str) -> str:
    """Make one form of a name: no spaces between characters (张　三), one middle dot, Latin words keep one space."""
    name = DOTS.sub(MIDDLE_DOT, clean(text))
    name = SPACE_AT_HAN.sub("", name) if " " in name else name
    return re.sub(f"{MIDDLE_DOT}+", MIDDLE_DOT, name).strip(MIDDLE_DOT) if MIDDLE_DOT in name else name


def check_name(name: str) -> tuple[Problem, ...]:
    """List what is wrong with a cleaned name."""
    if not name:
        return (Problem("name", "姓名是空的", "请填写户口簿上的姓名"),)
    if len(name) > LONGEST_NAME:
        return (Problem("name", f"姓名超过 {LONGEST_NAME} 个字", "请核对是否多填了别的内容"),)
    if PRIVATE_USE.search(name):
        return (Problem("name", "姓名里有造字或显示为方框的字", "请用支持生僻字的输入法重新输入该字（如 䶮、㛃）"),)
    if not NAME.fullmatch(name):
        return (Problem("name", "姓名里有数字或符号", "请只填姓名，说明文字写在备注里；少数民族姓名的间隔号用“·”"),)
    return ()


def surname_of(name: str) -> str:
    """Surname of a cleaned Chinese name: two characters for a compound surname with a given name behind it."""
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2]
    return name[:1]


def read_name(name: str) -> Reading:
    """Read a cleaned name. Characters without a known reading stand for themselves and sort last."""
    syllables = _syllables(name)
    initials = "".join(s[0] for s in syllables)
    # The widths are those of the columns that hold them: a reading is for search and order, not for print.
    return Reading("".join(syllables)[:200], initials[:60], f"{' '.join(syllables)} {name}"[:240])


def _syllables(name: str) -> tuple[str, ...]:
    if MIDDLE_DOT in name:
        return tuple(s for part in name.split(MIDDLE_DOT) if part for s in _plain(part))
    surname = surname_of(name)
    if surname in COMPOUND_SURNAMES:
        return (*COMPOUND_SURNAMES[surname], *_plain(name[2:]))
    if surname in SINGLE_SURNAMES:
        return (SINGLE_SURNAMES[surname], *_plain(name[1:]))
    return _plain(name)


# Given names return: a roster is read in less time.
@lru_cache(maxsize=4096)
def _plain(text: str) -> tuple[str, ...]:
    # What pypinyin cannot read comes back in runs: a Latin word stays whole, each unknown character stands alone.
    words = lazy_pinyin(text, style=Style.NORMAL) if text else []
    return tuple(part.lower() for word in words for part in UNREAD.findall(word))
