"""Names of invented people and places: what the demonstration's customers are called and where they are."""

from typing import Final


def words(text: str) -> tuple[str, ...]:
    """A list written as a line."""
    return tuple(text.split())


FIRST: Final[dict[str, tuple[str, ...]]] = {
    "en": words(
        "Abby Adaeze Alan Alicia Amir Andre Anika Becca Ben Bria Caleb Carla Chidi Chloe Claire Cody Dana Darnell Deb "
        "Devon Dottie Elena Eli Emeka Erin Farah Frank Gabe Grace Hannah Hector Imani Isaac Jackie Jamal Janelle Jesse "
        "Joan Jordan Josie Kayla Keisha Ken Kiran Kyle Latoya Lena Leo Lorraine Luca Malik Marcy Maya Megan Mike Mina "
        "Nadia Nate Nell Noah Olive Omar Pam Pete Priya Quinn Rae Ravi Renee Rick Rosa Roy Ruthie Sam Sana Shanice "
        "Simone Stu Tamika Ted Tess Theo Tina Trey Uma Val Vera Wade Wendell Willa Xavier Yara Zack Zoe"
    ),
    "es": words(
        "Alejandra Beto Camila Carmen Chuy Daniela Diego Elvia Esteban Fernanda Gabriela Hugo Ileana Ismael Javier "
        "Leticia Lupita Marisela Mateo Nayeli Octavio Paloma Ramiro Rocío Sergio Teresa Valeria Yesenia"
    ),
    "tl": words(
        "Aileen Arnel Bong Carina Dante Ella Fe Gino Hazel Isko Jhun Jomar Karen Liza Maricel Mel Nestor Onyok Pinky "
        "Rhea Rodel Shiela Tess Vangie Wilma"
    ),
    "fr": words("Amélie Antoine Camille Élodie Fatou Hugo Inès Jules Léa Mathieu Moussa Nadège Rémi Solène Yann"),
    "de": words("Anke Bernd Dilek Falk Greta Heike Jan Jonas Katrin Lukas Marlies Ole Sabine Torben Uschi"),
    "pt": words("Adriana Bruno Caio Débora Fábio Inês Joana Kauã Larissa Marcelo Nuno Paula Rita Thiago Vânia"),
    "it": words("Alba Bruno Chiara Dario Elisa Furio Giada Ivo Livia Nico"),
    "ru": words("Алла Борис Вера Глеб Дина Егор Жанна Илья Кира Лев Нина Олег Рита Юра"),
    "zh": words("晓雯 建国 丽华 志强 雨桐 思远 美玲 浩然 佳怡 文博 秀英 子轩"),
    "ja": words("陽菜 健太 美咲 翔 さくら 大輔 由美 拓也 真央 涼 彩 直樹"),
    "ko": words("지우 서준 민지 현우 수빈 도윤 예은 준호 하늘 유진"),
    "vi": words("Anh Bình Chi Dũng Hạnh Khoa Lan Minh Ngọc Phúc Thảo Trang Tuấn Vy"),
    "hi": words("आरव अनीता दीपक काव्या मोहन नेहा प्रिया राहुल संजय सुनीता विकास ज्योति"),
    "ar": words("أحمد آمنة بلال دانة رامي سلمى عمر فاطمة كريم ليلى ماجد نور هدى يوسف"),
}

LAST: Final[dict[str, tuple[str, ...]]] = {
    "en": words(
        "Abara Alvarez Ash Bakker Banerjee Beaulieu Bell Boone Brandt Burke Calloway Castro Chau Cho Cole Cruz Dalton "
        "Darby Desai Diaz Dorsey Eaton Ellis Farrow Finch Flores Foss Garner Ghosh Gibbs Grady Haas Hale Holt Hsu "
        "Iverson Jansen Jett Kaplan Keane Khan Kirby Lacey Lam Lyle Mack Mbeki Meyer Moss Nash Ng Novak Obi Odom Ortiz "
        "Park Pell Pratt Quick Ramos Reddy Rhodes Rios Rowe Sato Sharp Sims Slater Soto Stone Tate Tran Tully Vance "
        "Vega Voss Wade Webb West Wolfe Yates Yoon Zamora"
    ),
    "es": words(
        "Aguilar Barrera Cárdenas Domínguez Escobedo Fuentes Gálvez Hidalgo Ibarra Juárez Lozano Medrano Navarro "
        "Olvera Paredes Quiroz Rentería Salgado Tovar Urrutia Villalobos Zúñiga"
    ),
    "tl": words(
        "Abad Bautista Cabrera Dimaculangan Espiritu Fajardo Gatdula Ilagan Lacson Magsino Natividad Ocampo Panganiban "
        "Quiambao Sarmiento Tolentino Umali Villanueva"
    ),
    "fr": words("Barbier Cissé Delorme Fontaine Garnier Lacroix Marchand Ndiaye Perrin Roussel Vasseur"),
    "de": words("Albrecht Brandl Çelik Dietz Ehlers Fuchs Hagedorn Kröger Lindner Neumann Petersen Voigt"),
    "pt": words("Abreu Barros Cardoso Duarte Esteves Furtado Lopes Moraes Nogueira Pires Ramalho Teixeira"),
    "it": words("Barbieri Conti Deluca Ferrante Galli Marini Pellegrini Rinaldi Serra Vitale"),
    "ru": words("Белова Власов Громова Ершов Зуева Котов Лапина Орлов Павлова Рыбин Сомова Ткач"),
    "zh": words("陈 林 黄 张 李 王 吴 刘 蔡 杨 许 郑"),
    "ja": words("佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤"),
    "ko": words("김 이 박 최 정 강 조 윤"),
    "vi": words("Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi"),
    "hi": words("शर्मा वर्मा गुप्ता सिंह पटेल अय्यर जोशी मिश्रा"),
    "ar": words("الحداد النجار العلي القاسم منصور السيد الخطيب بركات"),
}

# What people call themselves who do not use their name: two halves, and a number or nothing behind.
NICK_START: Final = words(
    "quiet sunny tired rusty lucky midnight desert carolina bay bluegrass garage porch muddy paper lemon brave sleepy "
    "salty tiny grumpy honest maple river cactus window thrifty humble purple copper"
)
NICK_END: Final = words(
    "gardener commuter baker nurse dad mom drummer teacher pilot hiker reader plumber knitter runner trucker barber "
    "welder birder painter farmer coder mechanic saver skater cook poet angler"
)

CITIES: Final[tuple[tuple[str, str, float, float, float], ...]] = (
    # name, country, latitude, longitude, weight
    ("Charlotte", "US", 35.23, -80.84, 14),
    ("Raleigh", "US", 35.78, -78.64, 8),
    ("Greensboro", "US", 36.07, -79.79, 5),
    ("Asheville", "US", 35.60, -82.55, 4),
    ("Columbia", "US", 34.00, -81.03, 4),
    ("Atlanta", "US", 33.75, -84.39, 6),
    ("Richmond", "US", 37.54, -77.44, 3),
    ("San Francisco", "US", 37.77, -122.42, 9),
    ("Oakland", "US", 37.80, -122.27, 6),
    ("San Jose", "US", 37.34, -121.89, 5),
    ("Sacramento", "US", 38.58, -121.49, 4),
    ("Fresno", "US", 36.74, -119.79, 3),
    ("Daly City", "US", 37.69, -122.47, 3),
    ("New York", "US", 40.71, -74.01, 3),
    ("Miami", "US", 25.76, -80.19, 2),
    ("Chicago", "US", 41.88, -87.63, 2),
    ("Las Vegas", "US", 36.17, -115.14, 1),
    ("Honolulu", "US", 21.31, -157.86, 1),
    ("Manila", "PH", 14.60, 120.98, 3),
    ("Cebu", "PH", 10.32, 123.89, 2),
    ("Iloilo", "PH", 10.72, 122.56, 1),
    ("Guadalajara", "MX", 20.67, -103.35, 1),
    ("Toronto", "CA", 43.65, -79.38, 1),
    ("Lisbon", "PT", 38.72, -9.14, 0.5),
    ("Berlin", "DE", 52.52, 13.40, 0.5),
    ("Lyon", "FR", 45.76, 4.84, 0.5),
    ("Tokyo", "JP", 35.68, 139.69, 0.5),
    ("Taipei", "TW", 25.03, 121.57, 0.5),
)
BRANCHES: Final = (
    "Alder Street", "Trade Street", "Elm Plaza", "Lakeside", "Rivermont", "Old Mill", "Sunset Avenue", "Uptown",
    "Mission Hill", "Bayview Terrace", "Cannery Row", "Orchard Park", "Union Depot", "Ayala Court",
)  # fmt: skip
STORES: Final = (
    "Pellham's Grocery", "Copper Kettle", "Gas & Roll", "Bayline Hardware", "Tidewell Pharmacy", "Fern & Fable Books",
    "Casa Lupe", "Noodle Junction", "QuickFill 24", "Willow Daycare", "Hopper's Tires", "Mabuhay Mart", "Petal & Stem",
    "Brightside Dental", "The Corner Bakery on Elm", "Redwood Outfitters", "Larkspur Cinema", "Metro Parking",
)  # fmt: skip
STAFF: Final = ("Denise", "Marcus", "Yolanda", "Priti", "Glenn", "Tomás", "Mei", "Sharon", "Abdul", "Kirsten", "Joy")
RIVALS: Final = ("Northquay Bank", "Peakmont", "Bluefen Savings")
